import { describe, expect, it } from '@jest/globals';
import { SECRETS } from '../objects/secret.ts';
import { list } from './list.ts';
import { Store } from './store.ts';

/** Secrets as they are stored, in ten namespaces. */
function storeOf(count: number): Store {
  const store = new Store();
  for (let index = 0; index < count; index++) {
    const namespace = `ns-${index % 10}`;
    const name = `secret-${String(index).padStart(6, '0')}`;
    store.put(`${namespace}/${name}`, {
      metadata: {
        name,
        namespace,
        uid: String(index),
        resourceVersion: String(index + 2),
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { managed: 'true' },
      },
      data: { '.dockerconfigjson': 'A'.repeat(2_000) },
      type: 'kubernetes.io/dockerconfigjson',
    });
  }
  return store;
}

interface Page {
  readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly { readonly metadata: { readonly name: string; readonly namespace: string } }[];
}

describe('a store', () => {
  const page = (store: Store, prefix: string, query: Record<string, string>) =>
    JSON.parse(
      list({
        resource: SECRETS,
        store,
        prefix,
        query: new URLSearchParams(query),
        revision: 100_000,
        metadataOnly: true,
      }),
    ) as Page;

  it('counts the remaining objects of the listed namespace, not of all namespaces', () => {
    const { metadata } = page(storeOf(100), 'ns-3/', { limit: '4' });
    expect(metadata.remainingItemCount).toBe(6);
  });

  it('lists each of 50,000 Secrets once, page by page, while others write', () => {
    const store = storeOf(50_000);
    const seen = new Set<string>();
    let token = '';
    let pages = 0;
    do {
      const { metadata, items } = page(store, '', {
        labelSelector: 'managed=true',
        limit: '500',
        ...(token && { continue: token }),
      });
      for (const item of items) seen.add(`${item.metadata.namespace}/${item.metadata.name}`);
      const written = store.get(`ns-0/secret-000000`);
      if (written !== undefined) store.put('ns-0/secret-000000', { ...written });
      token = metadata.continue ?? '';
      pages += 1;
    } while (token !== '');
    expect([seen.size, pages]).toEqual([50_000, 100]);
  });
});
