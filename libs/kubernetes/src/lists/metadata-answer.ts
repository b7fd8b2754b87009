import type { ObjectMeta } from '@ecr-anywhere/secret-scan';
import { oneLine } from '../client/one-line.ts';
import { KubernetesError } from '../client/kubernetes-error.ts';

/** One page of a list. */
export interface MetadataPage {
  readonly items: readonly ObjectMeta[];
  /** Of the next page; '' on the last one. */
  readonly next: string;
}

/** What was asked for. An answer that has anything else in it is none: somebody has mixed up answers, or left out a query. */
export interface Expected {
  /** `*` is any, and undefined none, as of a namespace itself. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Whether the selector that was asked with takes it. */
  readonly isSelected?: (metadata: ObjectMeta) => boolean;
}

/**
 * Reads a PartialObjectMetadataList. An answer that is anything else must not pass for an empty list: due Secrets would be
 * skipped in silence.
 *
 * @throws KubernetesError
 */
export function readMetadataList(body: unknown, path: string, expected: Expected): MetadataPage {
  const { kind, metadata, items } = fieldsOf(body);
  if (kind !== 'PartialObjectMetadataList')
    throw unexpected(path, `expected a PartialObjectMetadataList, not ${kindText(body)}`);
  const { continue: next = '' } = fieldsOf(metadata);
  if (typeof next !== 'string') throw unexpected(path, 'its "continue" is no text');
  // Null is how the API server writes a list without items.
  if (items === null) return { items: [], next };
  if (!Array.isArray(items)) throw unexpected(path, 'its "items" is no list');
  return { items: items.map((item) => metadataOf(item, path, expected)), next };
}

/**
 * Reads a PartialObjectMetadata.
 *
 * @throws KubernetesError
 */
export function readMetadata(body: unknown, path: string, expected: Expected): ObjectMeta {
  const { kind } = fieldsOf(body);
  if (kind !== 'PartialObjectMetadata')
    throw unexpected(path, `expected a PartialObjectMetadata, not ${kindText(body)}`);
  return metadataOf(body, path, expected);
}

/**
 * Reads the answer to a DELETE. Finalizers may hold an object back, which is then answered as it is.
 *
 * @throws KubernetesError
 */
export function readDeletion(body: unknown, path: string, expected: Expected): 'deleted' | 'held-back' {
  const { kind, status, details } = fieldsOf(body);
  if (kind !== 'Status') {
    readMetadata(body, path, expected);
    return 'held-back';
  }
  if (status !== 'Success') throw unexpected(path, `it is a failure, ${kindText(body)}`);
  const { name } = fieldsOf(details);
  if (name !== undefined && name !== expected.name) throw unexpected(path, 'it is about another object');
  return 'deleted';
}

function metadataOf(object: unknown, path: string, { namespace, name, isSelected }: Expected): ObjectMeta {
  const { metadata } = fieldsOf(object);
  const found = fieldsOf(metadata);
  const where = found['namespace'] || undefined;
  if (!isName(found['name'])) throw unexpected(path, 'it holds an object without a name');
  if (namespace === '*' ? !isName(where) : where !== namespace)
    throw unexpected(path, `it holds an object ${placeText(where)}`);
  if (name !== undefined && found['name'] !== name)
    throw unexpected(path, `it holds another object, ${found['name']}`);
  if (isSelected?.(found) === false)
    throw unexpected(path, `it holds ${found['name']}, which the selector leaves out`);
  return found;
}

function placeText(namespace: unknown): string {
  if (namespace === undefined) return 'without a namespace';
  return isName(namespace) ? `of the namespace ${namespace}` : 'whose namespace is no name';
}

/** No object of Kubernetes has another. Names stand in paths, and in lines that people and programs read. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.:-]{1,253}$/.test(value) && !/^\.{1,2}$/.test(value);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** What came in the place of what was asked for. A Status says why. */
function kindText(body: unknown): string {
  const { kind, message } = fieldsOf(body);
  if (kind === 'Status' && typeof message === 'string') return `Status: ${oneLine(message)}`;
  return typeof kind === 'string' && /^\w{1,63}$/.test(kind) ? kind : 'something else';
}

function unexpected(path: string, what: string): KubernetesError {
  const [resource] = path.split('?', 1);
  return new KubernetesError(
    'unavailable',
    `the API server's answer for ${resource} cannot be used: ${what}`,
  );
}
