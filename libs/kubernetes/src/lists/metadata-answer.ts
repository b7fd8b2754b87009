import type { ObjectMeta } from '@ecr-anywhere/secret-scan';
import { toOneLine } from '../client/to-one-line.ts';
import { KubernetesError } from '../client/kubernetes-error.ts';

/** The metadata of an object whose names were checked. */
export interface NamedMetadata extends ObjectMeta {
  readonly name: string;
  /** '' if the object is in no namespace. */
  readonly namespace: string;
}

/** One page of a list. */
export interface MetadataPage {
  readonly items: readonly NamedMetadata[];
  /** The token of the next page; '' on the last page. */
  readonly next: string;
}

/** The objects that a request asks for. An answer with any other object is refused: somebody may have mixed up answers. */
export interface Expected {
  /** `*` is any namespace. Undefined is none: a Namespace is in no namespace itself. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Whether the selector of the request selects it. */
  readonly isSelected?: (metadata: ObjectMeta) => boolean;
}

/**
 * Reads a PartialObjectMetadataList. Any other answer must not pass for an empty list: Secrets that are due would be skipped
 * silently.
 *
 * @throws KubernetesError
 */
export function readMetadataList(body: unknown, path: string, expected: Expected): MetadataPage {
  const { kind, metadata, items } = fieldsOf(body);
  if (kind !== 'PartialObjectMetadataList')
    throw unexpected(path, `expected a PartialObjectMetadataList, not ${kindText(body)}`);
  const { continue: next = '' } = fieldsOf(metadata);
  if (typeof next !== 'string') throw unexpected(path, 'its "continue" is not a string');
  // The API server writes null for an empty list.
  if (items === null) return { items: [], next };
  if (!Array.isArray(items)) throw unexpected(path, 'its "items" is not a list');
  return { items: items.map((item) => checkMetadata(item, path, expected)), next };
}

/**
 * Reads a PartialObjectMetadata.
 *
 * @throws KubernetesError
 */
export function readMetadata(body: unknown, path: string, expected: Expected): NamedMetadata {
  const { kind } = fieldsOf(body);
  if (kind !== 'PartialObjectMetadata')
    throw unexpected(path, `expected a PartialObjectMetadata, not ${kindText(body)}`);
  return checkMetadata(body, path, expected);
}

/**
 * Reads the answer to a DELETE. If finalizers delay the deletion, the answer is the object.
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

function checkMetadata(object: unknown, path: string, expected: Expected): NamedMetadata {
  const metadata = fieldsOf(fieldsOf(object)['metadata']);
  const { name } = metadata;
  const namespace = metadata['namespace'] || undefined;
  if (!isName(name)) throw unexpected(path, 'it contains an object without a name');
  if (expected.namespace === '*' ? !isName(namespace) : namespace !== expected.namespace)
    throw unexpected(path, `it contains an object ${placeText(namespace)}`);
  if (expected.name !== undefined && name !== expected.name)
    throw unexpected(path, `it contains another object, ${name}`);
  if (expected.isSelected?.(metadata) === false)
    throw unexpected(path, `it contains ${name}, which the selector excludes`);
  return { ...metadata, name, namespace: isName(namespace) ? namespace : '' };
}

function placeText(namespace: unknown): string {
  if (namespace === undefined) return 'without a namespace';
  return isName(namespace) ? `in the namespace ${namespace}` : 'whose namespace is not a valid name';
}

/** Names are checked because they become part of paths, and of lines that people and programs read. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.:-]{1,253}$/.test(value) && !/^\.{1,2}$/.test(value);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The kind of an unexpected answer. A Status also says why. */
function kindText(body: unknown): string {
  const { kind, message } = fieldsOf(body);
  if (kind === 'Status' && typeof message === 'string') return `Status: ${toOneLine(message)}`;
  return typeof kind === 'string' && /^\w{1,63}$/.test(kind) ? kind : 'something else';
}

function unexpected(path: string, what: string): KubernetesError {
  const [resource] = path.split('?', 1);
  return new KubernetesError(
    'unavailable',
    `the API server's answer for ${resource} cannot be used: ${what}`,
  );
}
