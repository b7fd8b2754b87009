import { jsonPointer, type JsonPatch, type JsonPatchOperation } from '@ecr-anywhere/admission';
import { annotation, ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { dataOf, type Secret, type SecretData } from '../consumers/secret.ts';
import type { OurAnnotations } from './annotations.ts';

/** The patch that puts credentials and annotations into a Secret. Other keys and annotations stay as they are. */
export function fill(secret: Secret, data: SecretData, annotations: OurAnnotations): JsonPatch {
  return [...setData(secret, data), ...setAnnotations(secret, annotations)];
}

function setData(secret: Secret, data: SecretData): JsonPatch {
  const changes = Object.entries(data).filter(([key, value]) => dataOf(secret, key) !== value);
  if (changes.length === 0) return [];
  if (!secret.data) return [{ op: 'add', path: jsonPointer('data'), value: Object.fromEntries(changes) }];
  return changes.map(([key, value]) => ({ op: 'add', path: jsonPointer('data', key), value }));
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
