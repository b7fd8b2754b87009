import { ZodError, type ZodType } from 'zod';
import { badRequest, type ResourceName } from './api-error.ts';
import type { ApiObject, Stored } from './object.ts';

/** One kind of object. */
export interface Resource extends ResourceName {
  /** `v1`, or group and version. */
  readonly apiVersion: string;
  readonly namespaced: boolean;
  /** Its fields and their defaults. */
  readonly schema: ZodType<ApiObject>;
  readonly namePattern: RegExp;
  /** Restores what an update cannot change. */
  keep?(object: ApiObject, old: Stored): ApiObject;
  /** What is wrong with the object after admission. `old` is absent for a create. */
  problems(object: ApiObject, old?: Stored): readonly string[];
  /** The fields that `fieldSelector` can name. */
  fields(object: ApiObject): Readonly<Record<string, string>>;
}

/** A value that is not an object of the resource. */
export class DecodeError extends Error {}

/** @throws DecodeError */
export function decode({ kind, apiVersion, schema }: Resource, value: unknown): ApiObject {
  const { kind: givenKind = kind, apiVersion: givenVersion = apiVersion } = (value ?? {}) as ApiObject;
  if (givenKind !== kind || givenVersion !== apiVersion)
    throw new DecodeError(
      `expected ${kind} in ${apiVersion}, not ${String(givenKind)} in ${String(givenVersion)}`,
    );
  try {
    return schema.parse(value ?? {});
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const [issue] = error.issues;
    throw new DecodeError(`${issue?.path.join('.')}: ${issue?.message}`);
  }
}

/**
 * Reads the body of a request.
 *
 * @throws ApiError 400 if it is not JSON
 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw badRequest(`the body of the request is not JSON: ${(error as Error).message}`);
  }
}
