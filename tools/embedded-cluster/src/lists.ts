import { ApiError, badRequest } from './api-error.ts';
import type { Stored } from './objects.ts';
import { parseLabelSelector } from './selectors.ts';
import type { Store } from './store.ts';

/** What is listed. */
export interface ListOptions {
  readonly store: Store;
  /** `Secret` or `Namespace`. */
  readonly kind: string;
  /** Of keys: a namespace and a slash, or nothing. */
  readonly prefix: string;
  readonly query: URLSearchParams;
  readonly resourceVersion: string;
  readonly metadataOnly: boolean;
}

/** Answers a list call: selectors, pages, and metadata alone where that was asked for. */
export function list({ store, kind, prefix, query, resourceVersion, metadataOnly }: ListOptions): object {
  const selected = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = fieldSelector(query.get('fieldSelector') ?? '');
  const limit = Number(query.get('limit') ?? 0) || Infinity;
  const token = query.get('continue');
  const { items, next, remaining } = store.list(
    prefix,
    (object) => selected(object.metadata.labels) && fields(object),
    limit,
    token === null ? undefined : startOf(token),
  );
  const isFiltered = query.has('labelSelector') || query.has('fieldSelector');
  return {
    kind: metadataOnly ? 'PartialObjectMetadataList' : `${kind}List`,
    apiVersion: metadataOnly ? 'meta.k8s.io/v1' : 'v1',
    metadata: {
      resourceVersion,
      ...(next !== undefined && { continue: continueToken(next) }),
      // The API server does not know how many more would match a selector.
      ...(next !== undefined && !isFiltered && { remainingItemCount: remaining }),
    },
    items: metadataOnly ? items.map(metadataOf) : items,
  };
}

/** `PartialObjectMetadata`: everything of an object but what it holds. */
export function metadataOf({ metadata }: { metadata?: unknown }): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

/** The 410 of a token that is too old, with another one to go on from at the cost of consistency. */
export function expired(token: string): ApiError {
  return new ApiError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.',
    { continue: token },
  );
}

function continueToken(key: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', start: key })).toString('base64url');
}

function startOf(token: string): string {
  try {
    const { start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { start?: unknown };
    if (typeof start === 'string') return start;
  } catch {
    // told below
  }
  throw badRequest('continue key is not valid');
}

function fieldSelector(text: string): (object: Stored) => boolean {
  const wanted = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => term.split(/==?/) as [string, string]);
  return (object) =>
    wanted.every(([field, value]) => {
      if (field === 'metadata.name') return object.metadata.name === value;
      if (field === 'metadata.namespace') return object.metadata.namespace === value;
      if (field === 'type') return object['type'] === value;
      throw badRequest(`field label not supported: ${field}`);
    });
}
