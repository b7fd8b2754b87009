import { applyPatch, type Operation } from 'rfc6902';

/** RFC 7396: null takes a field away, objects are merged, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** RFC 6902. @throws with the first operation that cannot be applied. */
export function jsonPatch<T>(target: T, operations: readonly unknown[]): T {
  const result = structuredClone(target);
  const problem = applyPatch(result, operations as Operation[]).find((error) => error !== null);
  if (problem) throw new Error(problem.message);
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
