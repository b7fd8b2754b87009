import { badRequest } from '../api-error.ts';
import type { Resource } from '../objects/resource.ts';
import { continueToken, expired, readContinueToken } from './continue-token.ts';
import { encodedItem, encodedMetadata } from './encoding.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';
import type { Page } from './snapshot.ts';
import type { Store } from './store.ts';

/** What is listed. */
export interface ListOptions {
  readonly resource: Resource;
  readonly store: Store;
  /** Of keys: a namespace and a slash, or nothing. */
  readonly prefix: string;
  readonly query: URLSearchParams;
  /** The revision of the cluster. */
  readonly revision: number;
  readonly metadataOnly: boolean;
}

/**
 * Answers a list call: selectors, pages that all show the same moment, and metadata alone where that was asked for.
 *
 * @returns JSON
 */
export function list(options: ListOptions): string {
  const { resource, store, prefix, query, metadataOnly } = options;
  const isFiltered = Boolean(query.get('labelSelector') || query.get('fieldSelector'));
  const limit = limitOf(query);
  const start = startOf(options);
  const page = start.snapshot.page(prefix, start.key, limit, matcher(resource, query));
  if (page.next !== undefined) store.keep(start.revision, start.snapshot);
  const metadata = { resourceVersion: String(start.revision), ...rest(page, start.revision, isFiltered) };
  const kind = metadataOnly ? 'PartialObjectMetadataList' : `${resource.kind}List`;
  const apiVersion = metadataOnly ? 'meta.k8s.io/v1' : resource.apiVersion;
  const items = page.items.map(metadataOnly ? encodedMetadata : encodedItem);
  // An empty list of metadata is null: Go's nil slice.
  const list = metadataOnly && items.length === 0 ? 'null' : `[${items.join(',')}]`;
  return `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":${list}}`;
}

/** Everything that a selection names, for a delete of many. */
export function selected({ resource, store, prefix, query }: ListOptions): Page['items'] {
  return store.now().page(prefix, '', Infinity, matcher(resource, query)).items;
}

function startOf({ store, query, revision }: ListOptions) {
  const token = query.get('continue') ?? '';
  if (token === '') return { snapshot: store.now(), revision, key: '' };
  if (query.get('resourceVersion'))
    throw badRequest('specifying resource version is not allowed when using continue');
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
    // How many would match a selector is not known.
    ...(!isFiltered && { remainingItemCount: remaining }),
  };
}

function matcher(resource: Resource, query: URLSearchParams) {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const known = Object.keys(resource.fields({ metadata: {} }));
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', known);
  return (object: Page['items'][number]) => labels(object.metadata.labels) && fields(resource.fields(object));
}

function limitOf(query: URLSearchParams): number {
  const text = query.get('limit') ?? '';
  if (!/^-?\d*$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  // What comes from the API server's cache (resourceVersion 0) comes whole.
  const isFromCache = query.get('resourceVersion') === '0';
  return Number(text) > 0 && !isFromCache ? Number(text) : Infinity;
}
