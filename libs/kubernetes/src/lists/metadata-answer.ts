import type { ObjectMeta } from '@ecr-anywhere/secret-scan';
import { KubernetesError } from '../client/kubernetes-error.ts';

/** One page of a list. */
export interface MetadataPage {
  readonly items: readonly ObjectMeta[];
  /** Of the next page; '' on the last one. */
  readonly next: string;
}

/**
 * Reads a PartialObjectMetadataList. An answer that is anything else must not pass for an empty list: due Secrets would be
 * skipped in silence.
 *
 * @throws KubernetesError
 */
export function readMetadataList(body: unknown, path: string): MetadataPage {
  const { kind, metadata, items } = fieldsOf(body);
  if (kind !== 'PartialObjectMetadataList')
    throw unexpected(path, `expected a PartialObjectMetadataList, not ${nameOf(kind)}`);
  const { continue: next = '' } = fieldsOf(metadata);
  if (typeof next !== 'string') throw unexpected(path, 'its "continue" is no text');
  // Null is how the API server writes a list without items.
  if (items === null) return { items: [], next };
  if (!Array.isArray(items)) throw unexpected(path, 'its "items" is no list');
  return { items: items.map((item) => namedMetadata(item, path)), next };
}

/**
 * Reads a PartialObjectMetadata.
 *
 * @throws KubernetesError
 */
export function readMetadata(body: unknown, path: string): ObjectMeta {
  const { kind } = fieldsOf(body);
  if (kind !== 'PartialObjectMetadata')
    throw unexpected(path, `expected a PartialObjectMetadata, not ${nameOf(kind)}`);
  return namedMetadata(body, path);
}

function namedMetadata(object: unknown, path: string): ObjectMeta {
  const { metadata } = fieldsOf(object);
  const { name, namespace } = fieldsOf(metadata);
  if (typeof name !== 'string' || name === '') throw unexpected(path, 'it holds an object without a name');
  if (namespace != null && typeof namespace !== 'string')
    throw unexpected(path, 'it holds an object whose namespace is no text');
  return metadata as ObjectMeta;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** Of a kind that may be anything. */
function nameOf(kind: unknown): string {
  return typeof kind === 'string' && /^\w{1,63}$/.test(kind) ? kind : 'something else';
}

function unexpected(path: string, what: string): KubernetesError {
  const [resource] = path.split('?', 1);
  return new KubernetesError(
    'unavailable',
    `the API server's answer for ${resource} cannot be used: ${what}`,
  );
}
