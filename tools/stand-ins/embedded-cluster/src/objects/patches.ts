import { applyPatch, type Operation } from 'rfc6902';

/** RFC 7396: null removes a field, objects are merged, every other value replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** A JSON Patch that does not apply. */
export class JsonPatchError extends Error {}

/** RFC 6902. @throws JsonPatchError for the first operation that does not apply */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new JsonPatchError('a JSON Patch is a list of operations');
  const result = structuredClone(target);
  for (const operation of operations as Operation[]) {
    const problem = problemOf(result, operation);
    if (problem)
      throw new JsonPatchError(`${operation.op} at ${operation.path} does not apply: ${problem.message}`);
  }
  return result;
}

function problemOf(document: unknown, operation: Operation): Error | null | undefined {
  try {
    return applyPatch(document, [operation])[0];
  } catch (error) {
    return error as Error; // for a value that is not an operation
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
