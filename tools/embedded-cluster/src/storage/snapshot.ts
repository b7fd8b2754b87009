import type { Stored } from '../objects/object.ts';
import type { ListOrder } from './list-order.ts';

/** All objects of a resource at one moment, in the order in which they are listed. */
export class Snapshot {
  constructor(
    private readonly order: ListOrder,
    private readonly keys: readonly string[],
    private readonly objects: readonly Stored[],
  ) {}

  /**
   * Up to `limit` objects that match, whose keys begin with `prefix`, from `start` on.
   *
   * As in the API server, there is a next page where there are more keys, whether or not they match.
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
  /** What the next page starts from; undefined on the last one. */
  readonly next: string | undefined;
  /** How many keys follow. */
  readonly remaining: number;
}
