import type { Stored } from '../objects/object.ts';
import type { ListOrder } from './list-order.ts';

/** All objects of a resource at one revision, in the order of lists. */
export class Snapshot {
  constructor(
    private readonly order: ListOrder,
    private readonly keys: readonly string[],
    private readonly objects: readonly Stored[],
  ) {}

  /**
   * Up to `limit` matching objects whose keys begin with `prefix`, from `start` on. As on the API server, there is a next
   * page if more keys follow, even if none of them matches.
   */
  page(prefix: string, start: string, limit: number, matches: (object: Stored) => boolean): Page {
    const items: Stored[] = [];
    let last = '';
    let remaining = 0;
    for (let index = this.order.indexOf(this.keys, start); index < this.keys.length; index++) {
      const [key, object] = [this.keys[index], this.objects[index]];
      if (key === undefined || object === undefined || !key.startsWith(prefix)) continue;
      if (items.length >= limit) remaining += 1;
      else {
        last = key;
        if (matches(object)) items.push(object);
      }
    }
    return { items, next: remaining > 0 ? `${last}\0` : undefined, remaining };
  }
}

/** A page of a list. */
export interface Page {
  readonly items: readonly Stored[];
  /** Where the next page starts; undefined on the last page. */
  readonly next: string | undefined;
  /** The number of keys that follow. */
  readonly remaining: number;
}
