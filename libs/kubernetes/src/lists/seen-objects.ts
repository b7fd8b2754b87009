import type { ObjectMeta } from '@ecr-anywhere/secret-scan';

/** Which objects of a list have come, over several attempts to list them. It remembers so many and no more. */
export class SeenObjects {
  readonly #most: number;
  /** By identity, the attempt in which an object came last. */
  readonly #attempts = new Map<string, number>();
  #attempt = 0;
  #hasForgotten = false;
  #mayRepeat = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether what comes as new may have come before. */
  get mayRepeat(): boolean {
    return this.#mayRepeat;
  }

  beginAnew(): void {
    this.#attempt += 1;
    this.#mayRepeat = this.#hasForgotten;
  }

  /**
   * Takes note of a page.
   *
   * @returns what has not come before, and whether all of it came in this very attempt
   */
  take(page: readonly ObjectMeta[]): { readonly fresh: readonly ObjectMeta[]; readonly isKnown: boolean } {
    let isKnown = page.length > 0;
    const fresh = page.filter((metadata) => {
      const identity = identityOf(metadata);
      const last = this.#attempts.get(identity);
      if (last !== this.#attempt) isKnown = false;
      if (last !== undefined || this.#attempts.size < this.#most) this.#attempts.set(identity, this.#attempt);
      else this.#hasForgotten = true;
      return last === undefined;
    });
    return { fresh, isKnown };
  }
}

/** An object that was deleted and created anew is another one. */
function identityOf({ uid, namespace, name }: ObjectMeta): string {
  return uid || `${namespace ?? ''}/${name ?? ''}`;
}
