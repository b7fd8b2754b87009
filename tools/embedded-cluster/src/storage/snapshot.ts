import type { Stored } from '../objects/object.ts';

/** All objects of a resource at one moment, in the order of their keys. */
export class Snapshot {
  constructor(
    private readonly keys: readonly string[],
    private readonly objects: readonly Stored[],
  ) {}

  /**
   * Up to `limit` objects that match, whose keys begin with `prefix` and come at or after `from`.
   *
   * As in the API server, there is a next page where there are more keys, whether or not they match.
   */
  page(prefix: string, from: string, limit: number, matches: (object: Stored) => boolean): Page {
    const items: Stored[] = [];
    let index = this.#firstAtOrAfter(from > prefix ? from : prefix);
    // Keys are ASCII: nothing that begins with the prefix comes after this.
    const end = this.#firstAtOrAfter(`${prefix}\uffff`);
    for (; index < end && items.length < limit; index++) {
      const object = this.objects[index];
      if (object !== undefined && matches(object)) items.push(object);
    }
    return { items, next: index < end ? `${this.keys[index - 1]}\0` : undefined, remaining: end - index };
  }

  #firstAtOrAfter(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A page of a list. */
export interface Page {
  readonly items: readonly Stored[];
  /** The key to go on from; undefined on the last page. */
  readonly next: string | undefined;
  /** How many keys follow. */
  readonly remaining: number;
}
