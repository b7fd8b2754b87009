import type { ResourceApi } from './resource-api.ts';
import { isTerminating } from './objects/namespace.ts';
import type { Revisions } from './storage/store.ts';

/** How long after a change the controller looks. */
const DELAY = 50;

/** Empties namespaces that are being deleted, a moment later, and lets them go with the last of their objects. */
export class NamespaceController {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly namespaces: ResourceApi,
    private readonly secrets: ResourceApi,
    private readonly revisions: Revisions,
  ) {}

  /** Something has changed in a namespace. */
  notice(name: string): void {
    if (!this.#isLeaving(name) || this.#timers.has(name)) return;
    const look = () => {
      this.#timers.delete(name);
      // A webhook may refuse a deletion; the next change brings us back.
      this.#clear(name).catch(() => undefined);
    };
    this.#timers.set(name, setTimeout(look, DELAY).unref());
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  async #clear(name: string): Promise<void> {
    if (!this.#isLeaving(name)) return;
    await this.secrets.deleteAll(new URLSearchParams(), name);
    if (this.secrets.isAnyIn(name)) return;
    this.revisions.next();
    this.namespaces.store.delete(name);
  }

  #isLeaving(name: string): boolean {
    const namespace = this.namespaces.store.get(name);
    return namespace !== undefined && isTerminating(namespace);
  }
}
