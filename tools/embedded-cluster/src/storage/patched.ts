import { ApiError, badRequest, invalid } from '../api-error.ts';
import { GoJsonError, goKind, goPrint, parseGoJson } from '../go/json.ts';
import { invalidValue } from '../objects/field-error.ts';
import type { Stored } from '../objects/object.ts';
import {
  decode,
  DecodeError,
  judgeUnknown,
  typeProblem,
  type Decoded,
  type Resource,
} from '../objects/resource.ts';
import { jsonPatch, JsonPatchError, mergePatch, strategicMergePatch } from './patches.ts';

export type PatchKind = 'json' | 'merge' | 'strategic-merge';

/** What the API server says about each kind of patch that is not one. */
const SHAPES = {
  json: { kind: 'array', goType: '[]handlers.jsonPatchOp', told: 'error decoding patch: ' },
  merge: { kind: 'object', goType: 'map[string]interface {}', told: 'error decoding patch: ' },
  'strategic-merge': { kind: 'object', goType: 'map[string]interface {}', told: '' },
} as const;

/**
 * The object that a patch makes of what is stored.
 *
 * @throws ApiError 400 for what is no patch, 422 for one that does not apply or makes no object
 */
export function patched(
  resource: Resource,
  current: Stored,
  kind: PatchKind,
  body: Buffer,
  fieldValidation: string,
): Decoded {
  const patch = readPatch(kind, body);
  const result = apply(kind, { kind: resource.kind, apiVersion: resource.apiVersion, ...current }, patch);
  const refuse = (why: string) => {
    const [value, told] =
      kind === 'strategic-merge'
        ? [goPrint(patch), `error decoding from json: ${why}`]
        : [JSON.stringify(result), why];
    return invalid({ kind: '', group: '' }, '', [invalidValue('patch', value, told)]);
  };
  try {
    const problem = typeProblem(resource, result as Partial<Record<string, string>>);
    if (problem !== undefined) throw new DecodeError(problem);
    const decoded = decode(resource, result);
    judgeUnknown(decoded.unknown, fieldValidation, refuse);
    return fieldValidation === 'Ignore' ? { ...decoded, unknown: [] } : decoded;
  } catch (error) {
    throw error instanceof DecodeError ? refuse(error.message) : error;
  }
}

function readPatch(kind: PatchKind, body: Buffer): unknown {
  const { kind: expected, goType, told } = SHAPES[kind];
  let patch: unknown;
  try {
    patch = parseGoJson(body);
  } catch (error) {
    throw error instanceof GoJsonError ? badRequest(told + error.message) : error;
  }
  if (patch === null) {
    if (kind === 'merge') throw badRequest('Invalid JSON Patch');
    return kind === 'json' ? [] : {};
  }
  if (goKind(patch) !== expected)
    throw badRequest(`${told}json: cannot unmarshal ${goKind(patch)} into Go value of type ${goType}`);
  return patch;
}

function apply(kind: PatchKind, target: object, patch: unknown): unknown {
  switch (kind) {
    case 'merge':
      return mergePatch(target, patch);
    case 'strategic-merge':
      return strategicMergePatch(target, patch);
    case 'json':
      try {
        return jsonPatch(target, patch as readonly unknown[]);
      } catch (error) {
        if (!(error instanceof JsonPatchError)) throw error;
        // The API server keeps to itself what was wrong.
        const message = 'the server rejected our request due to an error in our request';
        throw new ApiError(422, 'Invalid', message, {});
      }
  }
}
