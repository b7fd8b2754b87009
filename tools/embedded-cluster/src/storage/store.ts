import type { Stored } from '../objects/object.ts';
import { BY_KEY, type ListOrder } from './list-order.ts';
import { Snapshot } from './snapshot.ts';

/** Counts changes. Every object carries the number of its last one as its resourceVersion. */
export class Revisions {
  #last = 1;

  get last(): number {
    return this.#last;
  }

  next(): number {
    return ++this.#last;
  }
}

/** How many lists can be read on in pages while objects change, until the first token expires. */
const KEPT_SNAPSHOTS = 16;

/** Objects of one resource by key (`namespace/name`, or the name). Stored objects are never changed, only replaced. */
export class Store {
  readonly #objects = new Map<string, Stored>();
  readonly #kept = new Map<number, Snapshot>();
  #keys: readonly string[] | undefined;
  #now: Snapshot | undefined;

  constructor(readonly order: ListOrder = BY_KEY) {}

  get(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  put(key: string, object: Stored): Stored {
    // What is set anew comes last in a Map.
    if (this.order.followsWrites) this.#objects.delete(key);
    if (!this.#objects.has(key)) this.#keys = undefined;
    this.#now = undefined;
    this.#objects.set(key, object);
    return object;
  }

  delete(key: string): void {
    this.#objects.delete(key);
    this.#keys = undefined;
    this.#now = undefined;
  }

  now(): Snapshot {
    if (this.#now !== undefined) return this.#now;
    const keys = (this.#keys ??= this.order.sorted([...this.#objects.keys()]));
    const objects = keys.map((key) => this.#objects.get(key)).filter((object) => object !== undefined);
    return (this.#now = new Snapshot(this.order, keys, objects));
  }

  /** What was there at a revision; undefined where it is too old. */
  at(revision: number): Snapshot | undefined {
    return this.#kept.get(revision);
  }

  /** Keeps what is there for a list that is read on. */
  keep(revision: number, snapshot: Snapshot): void {
    this.#kept.set(revision, snapshot);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_SNAPSHOTS && oldest !== undefined) this.#kept.delete(oldest);
  }
}
