import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '@ecr-anywhere/admission';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import type { Secret } from '../consumers/secret.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The mark, and the fields that the API server itself changes with each write. */
const ALLOWED: ReadonlySet<string> = new Set([
  `metadata.annotations["${ANNOTATIONS.markedForUpdateAt}"]`,
  'metadata.managedFields',
  'metadata.resourceVersion',
  'metadata.generation',
]);

/** The objects whose fields are compared one by one. The other fields are compared whole. */
const OBJECTS: ReadonlySet<string> = new Set(['', 'metadata']);
const MAPS: ReadonlySet<string> = new Set(['metadata.annotations', 'metadata.labels', 'data']);

/**
 * Says what the refresher's service account may not write, if a write of a Secret is its own and changes more than the mark.
 * Whoever steals its token can then not change Secrets through the webhook.
 *
 * @param refresher - the user name of the service account; undefined: there is no guard
 */
export function forbiddenChange(
  { userInfo, operation, object, oldObject }: AdmissionRequest<Secret>,
  refresher: string | undefined,
): string | undefined {
  if (refresher === undefined || userInfo?.username !== refresher) return undefined;
  if (operation !== 'UPDATE') return "The refresher's service account may not create Secrets";
  const field = changedField('', oldObject, object);
  return field === undefined ? undefined : refusal(field);
}

function refusal(field: string): string {
  return (
    `The refresher's service account may change only the annotation ${ANNOTATIONS.markedForUpdateAt} of a Secret, but ` +
    `this write changes ${field}, too; if another webhook makes this change, exclude managed Secrets from that webhook, ` +
    'or set rbac.refresherGuard to false'
  );
}

/** The path of the first field that differs and may not. An absent map is the same as an empty one. */
function changedField(path: string, before: unknown, after: unknown): string | undefined {
  if (ALLOWED.has(path) || isEqual(before, after)) return undefined;
  if (!OBJECTS.has(path) && !MAPS.has(path)) return path;
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  if (old === undefined || now === undefined) return path;
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const changed = changedField(pathOf(path, key), own(old, key), own(now, key));
    if (changed !== undefined) return changed;
  }
  return undefined;
}

function pathOf(parent: string, key: string): string {
  const shown = key.slice(0, MAX_KEY_LENGTH);
  if (MAPS.has(parent)) return `${parent}[${JSON.stringify(shown)}]`;
  return parent === '' ? shown : `${parent}.${shown}`;
}

/** Kubernetes has no longer keys of labels, annotations and data: a prefix of 253 characters, a slash and 63. */
const MAX_KEY_LENGTH = 317;

/** A value that is nested too deeply for the stack is no field of a real Secret. */
function isEqual(before: unknown, after: unknown): boolean {
  try {
    return isDeepStrictEqual(before, after);
  } catch {
    return false;
  }
}

/** Undefined if the value is not an object: anybody may have written the Secret. */
function fieldsOf(value: unknown): Fields | undefined {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A field of the object itself, not of its prototype. */
function own(object: Fields, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
