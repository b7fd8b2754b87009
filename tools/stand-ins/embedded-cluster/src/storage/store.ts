import type { Stored } from '../objects/object.ts';
import { BY_KEY, type ListOrder } from './list-order.ts';
import { Snapshot } from './snapshot.ts';

/** Counts changes. The resourceVersion of an object is the number of its last change. */
export class Revisions {
  #last = 1;

  get last(): number {
    return this.#last;
  }

  next(): number {
    return ++this.#last;
  }
}

/** How many revisions a list can continue at. When there are more, the oldest token expires. */
const KEPT_SNAPSHOTS = 16;

/** The objects of one resource by key (`namespace/name`, or the name). */
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
    // A Map keeps the order of insertion.
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

  all(): readonly Stored[] {
    return [...this.#objects.values()];
  }

  now(): Snapshot {
    if (this.#now !== undefined) return this.#now;
    const keys = (this.#keys ??= this.order.sorted([...this.#objects.keys()]));
    const objects = keys.map((key) => this.#objects.get(key)).filter((object) => object !== undefined);
    return (this.#now = new Snapshot(this.order, keys, objects));
  }

  /** The objects at a revision; undefined if it is too old. */
  at(revision: number): Snapshot | undefined {
    return this.#kept.get(revision);
  }

  /** Keeps a snapshot for the next pages of a list. */
  keep(revision: number, snapshot: Snapshot): void {
    this.#kept.set(revision, snapshot);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_SNAPSHOTS && oldest !== undefined) this.#kept.delete(oldest);
  }
}
