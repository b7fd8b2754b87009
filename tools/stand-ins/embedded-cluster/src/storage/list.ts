import { badRequest } from '../objects/api-error.ts';
import { parseLabelSelector, selects } from '../objects/label-selector.ts';
import type { Stored } from '../objects/object.ts';
import type { Resource } from '../objects/resource.ts';
import { continueToken, expired, readContinueToken } from './continue-token.ts';
import { encodedItem, encodedMetadata } from './encoding.ts';
import { parseFieldSelector } from './field-selector.ts';
import type { Page } from './snapshot.ts';
import type { Store } from './store.ts';

/** A list call. */
export interface ListOptions {
  readonly resource: Resource;
  readonly store: Store;
  /** What the keys begin with: a namespace and a slash, or nothing. */
  readonly prefix: string;
  readonly query: URLSearchParams;
  /** The current revision of the cluster. */
  readonly revision: number;
  readonly metadataOnly: boolean;
}

/**
 * Answers a list call: selectors, pages that all show the same revision, and metadata only if the client asks for it.
 *
 * @returns JSON
 */
export function list(options: ListOptions): string {
  const { resource, store, prefix, query, metadataOnly } = options;
  const isFiltered = Boolean(query.get('labelSelector') || query.get('fieldSelector'));
  const start = startOf(options);
  const page = start.snapshot.page(prefix, start.key, limitOf(query), matcher(resource, query));
  if (page.next !== undefined) store.keep(start.revision, start.snapshot);
  const metadata = { resourceVersion: String(start.revision), ...rest(page, start.revision, isFiltered) };
  const kind = metadataOnly ? 'PartialObjectMetadataList' : `${resource.kind}List`;
  const apiVersion = metadataOnly ? 'meta.k8s.io/v1' : resource.apiVersion;
  const items = page.items.map(metadataOnly ? encodedMetadata : encodedItem);
  // The API server encodes an empty list of metadata as null.
  const list = metadataOnly && items.length === 0 ? 'null' : `[${items.join(',')}]`;
  return `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":${list}}`;
}

function startOf({ store, query, revision }: ListOptions) {
  const token = query.get('continue') ?? '';
  if (token === '') return { snapshot: store.now(), revision, key: '' };
  const from = readContinueToken(token);
  if (from.revision < 0) return { snapshot: store.now(), revision, key: store.order.startNow(from.start) };
  const snapshot = store.at(from.revision);
  if (snapshot === undefined) throw expired(token);
  return { snapshot, revision: from.revision, key: from.start };
}

function rest({ next, remaining }: Page, revision: number, isFiltered: boolean): object {
  if (next === undefined) return {};
  return {
    continue: continueToken({ revision, start: next }),
    // The API server does not know how many of the rest match a selector.
    ...(!isFiltered && { remainingItemCount: remaining }),
  };
}

function matcher(resource: Resource, query: URLSearchParams) {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const known = Object.keys(resource.fields({ metadata: {} }));
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', known);
  return (object: Stored) => selects(labels, object.metadata.labels) && fields(resource.fields(object));
}

function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? '');
  if (!Number.isInteger(limit)) throw badRequest('limit is not an integer');
  return limit > 0 ? limit : Infinity;
}
