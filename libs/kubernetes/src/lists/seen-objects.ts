import type { NamedMetadata } from './metadata-answer.ts';

/** Remembers which objects a list has given, over several attempts. The number of remembered objects is limited. */
export class SeenObjects {
  readonly #most: number;
  /** The attempt in which an object came last, by its identity. */
  readonly #attempts = new Map<string, number>();
  #attempt = 0;
  #hasForgotten = false;
  #mayRepeat = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether an object that seems new may have come before. */
  get mayRepeat(): boolean {
    return this.#mayRepeat;
  }

  startAgain(): void {
    this.#attempt += 1;
    this.#mayRepeat = this.#hasForgotten;
  }

  /**
   * Adds the objects of a page.
   *
   * @returns the objects that are new, and whether all objects of the page came before in this attempt
   */
  add(page: readonly NamedMetadata[]): {
    readonly fresh: readonly NamedMetadata[];
    readonly isKnown: boolean;
  } {
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

/** An object that was deleted and created again has another `uid`, and is another object. */
function identityOf({ uid, namespace, name }: NamedMetadata): string {
  return uid || `${namespace}/${name}`;
}
