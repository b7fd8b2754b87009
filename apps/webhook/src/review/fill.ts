import { jsonPointer, type EncodedOperation, type JsonPatchOperation } from '@ecr-anywhere/admission';
import { annotation, ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { dataOf, type Secret, type SecretData } from '../consumers/secret.ts';
import type { OurAnnotations } from './annotations.ts';

type Operations = readonly (JsonPatchOperation | EncodedOperation)[];

/** The credentials that go into a Secret. */
export interface CredentialData {
  readonly data: SecretData;
  /** What {@link setKey} makes of each key and value of `data`, if many Secrets get the same data. */
  readonly encoded?: ReadonlyMap<string, EncodedOperation>;
}

/** The patch that puts credentials and annotations into a Secret. Other keys and annotations stay as they are. */
export function fill(secret: Secret, credentials: CredentialData, annotations: OurAnnotations): Operations {
  return [...setData(secret, credentials), ...setAnnotations(secret, annotations)];
}

/** Sets a value of a Secret that has `data`. */
export function setKey(key: string, value: string): JsonPatchOperation {
  return { op: 'add', path: jsonPointer('data', key), value };
}

function setData(secret: Secret, { data, encoded }: CredentialData): Operations {
  const changes = Object.entries(data)
    .filter(([key, value]) => dataOf(secret, key) !== value)
    .map(([key, value]) => encoded?.get(key) ?? setKey(key, value));
  return changes.length === 0 || secret.data
    ? changes
    : [{ op: 'add', path: jsonPointer('data'), value: {} }, ...changes];
}

function setAnnotations(secret: Secret, annotations: OurAnnotations): Operations {
  const changes = (Object.entries(annotations) as [keyof typeof ANNOTATIONS, string | null][]).filter(
    ([name, value]) => (annotation(secret.metadata, name) ?? null) !== value,
  );
  if (changes.length === 0) return [];
  if (!secret.metadata?.annotations) {
    const value = Object.fromEntries(changes.map(([name, text]) => [ANNOTATIONS[name], text]));
    return [{ op: 'add', path: jsonPointer('metadata', 'annotations'), value }];
  }
  return changes.map(([name, value]) => {
    const path = jsonPointer('metadata', 'annotations', ANNOTATIONS[name]);
    return value === null ? { op: 'remove', path } : { op: 'add', path, value };
  });
}
