import { jsonPointer, type JsonPatch, type JsonPatchOperation } from '@ecr-anywhere/admission';
import { annotation, ANNOTATIONS, readTime, SECRET_KEY } from '@ecr-anywhere/secret-scan';
import type { Credential } from './old-credential.ts';
import { dataOf, type Secret } from './secret.ts';

/**
 * The annotations that the webhook and the refresher write. Only these are put back. Any other annotation of the contract
 * is the user's, and a write may change it.
 */
const WRITTEN_ANNOTATIONS = ['expiresAt', 'updatedAt', 'configHash', 'markedForUpdateAt'] as const;
type WrittenAnnotation = (typeof WRITTEN_ANNOTATIONS)[number];

/** The annotations that go with a credential. */
export type Stamp = Readonly<Partial<Record<WrittenAnnotation, string>>>;

/** The operation that puts a credential in its place. Thousands of Secrets can be given the same one. */
export type Placing = Readonly<{ op: 'add'; path: string; value: string }>;

const DATA = jsonPointer('data');
const DATA_KEY = jsonPointer('data', SECRET_KEY);

/** @param data - what a Secret holds under its key, in Base64. Frozen, so that it is encoded once for all answers. */
export function placing(data: string): Placing {
  return Object.freeze({ op: 'add', path: DATA_KEY, value: data });
}

/** Puts a credential into a Secret, with a stamp that says what it is. Other keys and annotations stay as they are. */
export function fill(secret: Secret, credential: Placing, stamp: Stamp): JsonPatch {
  return [...setData(secret, credential), ...setAnnotations(secret, stamp)];
}

/** Of an annotation of ours, far more than a mark has that somebody wrote by hand. An answer must not grow with what was sent. */
const LONGEST = 4 * 1024;

/** Puts back what the stored Secret held: its credential and {@link WRITTEN_ANNOTATIONS}, the mark included. */
export function putBack(secret: Secret, oldSecret: Secret | null | undefined, old: Credential): JsonPatch {
  const stamp: Record<string, string> = {};
  for (const name of WRITTEN_ANNOTATIONS) {
    const value = annotation(oldSecret?.metadata, name);
    if (value !== undefined && value.length <= LONGEST) stamp[name] = value;
  }
  return fill(secret, placing(old.data), stamp);
}

/** The stamp of new credentials. `updated_at` differs from the one before it, even within a millisecond. */
export function newStamp(
  { now, expiresAt, configHash }: { now: number; expiresAt: number; configHash: string },
  oldSecret: Secret | null | undefined,
): Stamp {
  const before = readTime(annotation(oldSecret?.metadata, 'updatedAt') ?? '');
  // Several writes within a millisecond, each a millisecond later than the one before.
  const isJustBefore = before !== undefined && before >= now && before - now < 1_000;
  return {
    expiresAt: new Date(expiresAt).toISOString(),
    updatedAt: new Date(isJustBefore ? before + 1 : now).toISOString(),
    configHash,
  };
}

function setData(secret: Secret, credential: Placing): JsonPatch {
  if (dataOf(secret, SECRET_KEY) === credential.value) return [];
  return secret.data ? [credential] : [{ op: 'add', path: DATA, value: {} }, credential];
}

function setAnnotations(secret: Secret, stamp: Stamp): JsonPatch {
  const changes = (Object.entries(stamp) as [WrittenAnnotation, string][]).filter(
    ([name, value]) => annotation(secret.metadata, name) !== value,
  );
  if (changes.length === 0) return [];
  if (!secret.metadata?.annotations) {
    const value = Object.fromEntries(changes.map(([name, text]) => [ANNOTATIONS[name], text]));
    return [{ op: 'add', path: jsonPointer('metadata', 'annotations'), value }];
  }
  return changes.map(([name, value]): JsonPatchOperation => ({
    op: 'add',
    path: jsonPointer('metadata', 'annotations', ANNOTATIONS[name]),
    value,
  }));
}
