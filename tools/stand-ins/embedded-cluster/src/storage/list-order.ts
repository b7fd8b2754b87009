/** The order in which a storage lists its keys, and where a list continues in that order. */
export interface ListOrder {
  /** Whether a write moves its key to the end. */
  readonly followsWrites: boolean;
  /** @param keys in the order of their latest writes */
  sorted(keys: readonly string[]): readonly string[];
  /**
   * The index at which a page begins.
   *
   * @param start from the continue token: the last key of the page before, and a NUL. Empty for the first page.
   */
  indexOf(keys: readonly string[], start: string): number;
  /** Where a list begins that continues at the current revision. */
  startNow(start: string): string;
}

/** The order of etcd. */
export const BY_KEY: ListOrder = {
  followsWrites: false,
  sorted: (keys) => [...keys].sort(),
  indexOf(keys, start) {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((keys[middle] ?? '') < start) low = middle + 1;
      else high = middle;
    }
    return low;
  },
  startNow: (start) => start,
};

/**
 * The order of kine before v0.11.9: a page begins after the latest write of the last key of the page before, in the listed
 * revision. If the token has no revision, kine ignored the key and began the list again.
 */
export const BY_WRITE: ListOrder = {
  followsWrites: true,
  sorted: (keys) => keys,
  indexOf(keys, start) {
    if (start === '') return 0;
    const index = keys.indexOf(start.replace(/\0$/, ''));
    return index < 0 ? keys.length : index + 1;
  },
  startNow: () => '',
};
