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

/**
 * A strategic merge patch. Of what a Secret or a namespace is made of, only the list of finalizers is not treated as a
 * JSON merge patch treats it: what is new is put before what is there.
 */
export function strategicMergePatch(target: unknown, patch: unknown): unknown {
  const merged = mergePatch(target, patch);
  const given = finalizersOf(patch);
  if (given === undefined || !isObject(merged) || !isObject(merged['metadata'])) return merged;
  const finalizers = [...new Set([...given, ...(finalizersOf(target) ?? [])])];
  return { ...merged, metadata: { ...merged['metadata'], finalizers } };
}

/** A JSON Patch that does not apply; the message is that of the API server's library, evanphx/json-patch v4. */
export class JsonPatchError extends Error {}

/** RFC 6902. @throws JsonPatchError for the first operation that cannot be applied */
export function jsonPatch(target: unknown, operations: readonly unknown[]): unknown {
  const result = structuredClone(target);
  for (const one of operations) {
    const operation = (isObject(one) ? one : {}) as unknown as Operation & { from?: string };
    if (!applies(result, operation)) throw new JsonPatchError(explain(operation, result));
  }
  return result;
}

function applies(document: unknown, operation: Operation): boolean {
  try {
    const [problem] = applyPatch(document, [asGoReads(operation, document)]);
    return problem === null;
  } catch {
    return false; // not a pointer
  }
}

/**
 * Where that library is not of one mind with RFC 6902: a member that is not there can be replaced, copied (as null) and
 * tested for null, and an operation without a value has null.
 */
function asGoReads(operation: Operation, document: unknown): Operation {
  switch (operation.op) {
    case 'test':
      return operation.value === null ? { ...operation, value: undefined } : operation;
    case 'replace':
    case 'add': {
      const { path, value = null } = operation;
      const isMember = operation.op === 'add' || (path !== '' && isObject(parentOf(document, path)));
      return { op: isMember ? 'add' : 'replace', path, value };
    }
    case 'copy': {
      const parent = parentOf(document, operation.from);
      const isThere = !isObject(parent) || Object.hasOwn(parent, lastOf(operation.from));
      return isThere ? operation : { op: 'add', path: operation.path, value: null };
    }
    default:
      return operation;
  }
}

function explain(
  { op, path, from }: { op: string; path?: string; from?: string },
  document: unknown,
): string {
  const MISSING = 'missing value';
  if (!['add', 'remove', 'replace', 'move', 'copy', 'test'].includes(op))
    return `Unexpected kind: ${op ?? 'unknown'}`;
  if (path === undefined) return `${op} operation failed to decode path: ${MISSING}`;
  const source = op === 'move' || op === 'copy' ? (from ?? '') : path;
  const key = lastOf(source);
  const hasParent = parentOf(document, source) !== undefined;
  switch (op) {
    case 'add':
      return hasParent
        ? `error in add for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`
        : `add operation does not apply: doc is missing path: "${path}": ${MISSING}`;
    case 'remove':
      return hasParent
        ? `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: ${MISSING}`
        : `remove operation does not apply: doc is missing path: "${path}": ${MISSING}`;
    case 'replace':
      return `replace operation does not apply: doc is missing ${hasParent ? 'key' : 'path'}: ${path}: ${MISSING}`;
    case 'test':
      return hasParent
        ? `testing value ${path} failed: test failed`
        : `test operation does not apply: is missing path: ${path}: ${MISSING}`;
    default:
      return `${op} operation does not apply: doc is missing from path: ${source}: ${MISSING}`;
  }
}

function parentOf(document: unknown, pointer: string): unknown {
  let at: unknown = document;
  for (const segment of pointer.split('/').slice(1, -1)) {
    if (!isObject(at) && !Array.isArray(at)) return undefined;
    at = (at as Record<string, unknown>)[unescaped(segment)];
  }
  return isObject(at) || Array.isArray(at) ? at : undefined;
}

function lastOf(pointer: string): string {
  return unescaped(pointer.split('/').at(-1) ?? '');
}

function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

function finalizersOf(value: unknown): string[] | undefined {
  const metadata = isObject(value) ? value['metadata'] : undefined;
  const finalizers = isObject(metadata) ? metadata['finalizers'] : undefined;
  return Array.isArray(finalizers) ? finalizers : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
