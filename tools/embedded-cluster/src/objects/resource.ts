import { ApiError, badRequest, type ResourceName } from '../api-error.ts';
import { goKind, GoJsonError, parseGoJson } from '../go/json.ts';
import type { FieldError } from './field-error.ts';
import type { ApiObject, Stored } from './object.ts';
import { ROOT, type Findings, type Shape } from './schema.ts';

/** What the API server knows of one kind of object. */
export interface Resource extends ResourceName {
  /** `v1`, or group and version. */
  readonly apiVersion: string;
  readonly namespaced: boolean;
  /** All of its fields, `metadata` included. */
  readonly shape: Shape;
  /** What is wrong with a name. */
  nameProblems(name: string): readonly string[];
  /** Conversion and defaults, before admission. */
  complete(object: ApiObject): ApiObject;
  /** What an update cannot change, after admission. */
  keep?(object: ApiObject, old: Stored): ApiObject;
  /** Of everything but metadata, after admission. */
  errors(object: ApiObject): FieldError[];
  updateErrors(object: ApiObject, old: Stored): FieldError[];
  /** By what a list can be narrowed with `fieldSelector`. */
  fields(object: ApiObject): Readonly<Record<string, string>>;
}

/** An object that was read, and the fields in it that nobody knows. */
export interface Decoded {
  readonly object: ApiObject;
  readonly unknown: readonly string[];
}

/** A value that is not an object of the resource; the message is Go's. */
export class DecodeError extends Error {}

/** @throws DecodeError */
export function decode(resource: Resource, value: unknown): Decoded {
  const findings: Findings = { unknown: [] };
  const { kind: _, apiVersion: __, ...fields } = (value ?? {}) as Record<string, unknown>;
  const read = resource.shape.read(fields, ROOT, findings) as ApiObject;
  if (findings.problem !== undefined) throw new DecodeError(findings.problem);
  return { object: resource.complete({ ...read, metadata: read.metadata ?? {} }), unknown: findings.unknown };
}

const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Reads the kind first, as the API server does. @throws Error in its words */
export function readTyped(body: Buffer): unknown {
  try {
    const value = parseGoJson(body);
    if (value !== null && goKind(value) !== 'object') {
      throw new GoJsonError(`json: cannot unmarshal ${goKind(value)} into Go value of type ${TYPE_META}`);
    }
    return value;
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error;
    throw new GoJsonError(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** Why an object of some kind is none of the resource's; undefined where it is. */
export function typeProblem(
  resource: Resource,
  { kind = '', apiVersion = '' }: { readonly kind?: string; readonly apiVersion?: string },
): string | undefined {
  if (apiVersion !== resource.apiVersion)
    return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
  return kind === resource.kind
    ? undefined
    : `converting (v1.${kind}) to (core.${resource.kind}): unknown conversion`;
}

/**
 * Reads the body of a create or a replace.
 *
 * @throws ApiError 400
 */
export function decodeBody(resource: Resource, body: Buffer): Decoded {
  let value: unknown;
  try {
    value = readTyped(body);
  } catch (error) {
    const told = `the object provided is unrecognized (must be of type ${resource.kind})`;
    throw badRequest(`${told}: ${(error as Error).message} (${summary(body)})`);
  }
  const { kind = resource.kind, apiVersion = resource.apiVersion } = (value ?? {}) as Partial<
    Record<string, string>
  >;
  const version = apiVersion.split('/').at(-1);
  const refuse = (why: string) =>
    badRequest(`${kind} in version "${version}" cannot be handled as a ${resource.kind}: ${why}`);
  const problem = typeProblem(resource, { kind, apiVersion });
  if (problem !== undefined) throw refuse(problem);
  try {
    return decode(resource, value);
  } catch (error) {
    throw error instanceof DecodeError ? refuse(error.message) : error;
  }
}

/** What to do about unknown fields: warn, refuse, or nothing. @returns the warnings @throws ApiError for `Strict` */
export function judgeUnknown(
  unknown: readonly string[],
  directive: string,
  refuse: (why: string) => ApiError,
): string[] {
  const told = unknown.map((field) => `unknown field "${field}"`);
  if (told.length > 0 && directive === 'Strict') throw refuse(`strict decoding error: ${told.join(', ')}`);
  return directive === 'Ignore' ? [] : told;
}

function summary(body: Buffer): string {
  if (body.length === 0) return '<empty>';
  const text = body[0] === 0x7b ? body.subarray(0, 30).toString() : body.subarray(0, 30).toString('hex');
  return body.length > 30 ? `${text} ...` : text;
}
