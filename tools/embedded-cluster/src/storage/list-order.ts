/** In which order a storage lists its keys, and where it goes on in that order. */
export interface ListOrder {
  /** Whether a write takes its key to the end. */
  readonly followsWrites: boolean;
  /** @param keys in the order of their latest writes */
  sorted(keys: readonly string[]): readonly string[];
  /**
   * The index at which a page begins.
   *
   * @param start what a continue token names: the last key of the page before, and a NUL. Empty for the first page.
   */
  indexOf(keys: readonly string[], start: string): number;
  /** Where a list begins that may go on at whatever is there now. */
  startNow(start: string): string;
}

/** As etcd lists. */
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
 * As kine listed before v0.11.9: a page goes on behind the latest write of the last key, in the revision that is listed.
 * Where no revision is named, kine did not look at the key at all: the list began anew.
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
