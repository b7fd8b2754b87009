import { jsonPointer, type JsonPatch, type JsonPatchOperation } from '@ecr-anywhere/admission';
import { annotation, ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { dataOf, type Secret, type SecretData } from '../consumers/secret.ts';
import type { OurAnnotations } from './annotations.ts';

/** The patch that puts credentials and annotations into a Secret. Other keys and annotations stay as they are. */
export function fill(secret: Secret, data: SecretData, annotations: OurAnnotations): JsonPatch {
  return [...setData(secret, data), ...setAnnotations(secret, annotations)];
}

function setData(secret: Secret, data: SecretData): JsonPatch {
  const changes = additions(data).flatMap(({ key, value, operation }) =>
    dataOf(secret, key) === value ? [] : [operation],
  );
  return changes.length === 0 || secret.data
    ? changes
    : [{ op: 'add', path: jsonPointer('data'), value: {} }, ...changes];
}

interface Addition {
  readonly key: string;
  readonly value: string;
  readonly operation: JsonPatchOperation;
}

const known = new WeakMap<SecretData, readonly Addition[]>();

/** Frozen operations, and the same ones for the same data, so that `allow` encodes a credential once for all answers. */
function additions(data: SecretData): readonly Addition[] {
  const made =
    known.get(data) ??
    Object.entries(data).map(([key, value]) => {
      const operation = Object.freeze({ op: 'add' as const, path: jsonPointer('data', key), value });
      return { key, value, operation };
    });
  known.set(data, made);
  return made;
}

function setAnnotations(secret: Secret, annotations: OurAnnotations): JsonPatch {
  const changes = (Object.entries(annotations) as [keyof typeof ANNOTATIONS, string][]).filter(
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
