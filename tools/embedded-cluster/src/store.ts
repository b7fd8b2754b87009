import { randomUUID } from 'node:crypto';
import type { ApiObject, Stored } from './objects.ts';

/** A page of a list. */
export interface Page {
  readonly items: readonly Stored[];
  /** The key to go on from; undefined on the last page. */
  readonly next: string | undefined;
  /** How many follow, where nothing was filtered. */
  readonly remaining: number;
}

/** Objects of one resource, in the order of their keys. Stored objects are never changed, only replaced. */
export class Store {
  readonly #objects = new Map<string, Stored>();
  #keys: string[] | undefined = [];

  constructor(private readonly nextVersion: () => string) {}

  get(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  create(key: string, object: ApiObject): Stored {
    const stored: Stored = {
      ...object,
      metadata: {
        ...object.metadata,
        name: object.metadata?.name ?? '',
        uid: randomUUID(),
        resourceVersion: this.nextVersion(),
        creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      },
    };
    this.#objects.set(key, stored);
    this.#keys = undefined;
    return stored;
  }

  replace(key: string, object: Stored): Stored {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: this.nextVersion() } };
    this.#objects.set(key, stored);
    return stored;
  }

  delete(key: string): void {
    this.nextVersion();
    this.#objects.delete(key);
    this.#keys = undefined;
  }

  /** Up to `limit` objects that match, whose keys begin with `prefix` and come at or after `from`. */
  list(prefix: string, matches: (object: Stored) => boolean, limit = Infinity, from = ''): Page {
    const keys = (this.#keys ??= [...this.#objects.keys()].sort());
    const items: Stored[] = [];
    for (let index = firstAtOrAfter(keys, from > prefix ? from : prefix); index < keys.length; index++) {
      const key = keys[index] ?? '';
      if (!key.startsWith(prefix)) break;
      const object = this.#objects.get(key);
      if (object === undefined || !matches(object)) continue;
      if (items.length === limit) return { items, next: key, remaining: keys.length - index };
      items.push(object);
    }
    return { items, next: undefined, remaining: 0 };
  }
}

function firstAtOrAfter(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
