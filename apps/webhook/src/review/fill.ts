import { jsonPointer, type JsonPatch, type JsonPatchOperation } from '@ecr-anywhere/admission';
import { annotation, ANNOTATIONS, SECRET_KEY } from '@ecr-anywhere/secret-scan';
import type { OurAnnotations } from './annotations.ts';
import { dataOf, type Secret } from '../consumers/secret.ts';

/** The operation that puts a credential in its place. Thousands of Secrets can be given the same one. */
export type Placing = Readonly<{ op: 'add'; path: string; value: string }>;

const DATA = jsonPointer('data');
const DATA_KEY = jsonPointer('data', SECRET_KEY);

/** @param data - what a Secret holds under its key, in Base64. Frozen, so that it is encoded once for all answers. */
export function placing(data: string): Placing {
  return Object.freeze({ op: 'add', path: DATA_KEY, value: data });
}

/** Puts a credential and its annotations into a Secret. Other keys and annotations stay as they are. */
export function fill(secret: Secret, credential: Placing, annotations: OurAnnotations): JsonPatch {
  return [...setData(secret, credential), ...setAnnotations(secret, annotations)];
}

function setData(secret: Secret, credential: Placing): JsonPatch {
  if (dataOf(secret, SECRET_KEY) === credential.value) return [];
  return secret.data ? [credential] : [{ op: 'add', path: DATA, value: {} }, credential];
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
