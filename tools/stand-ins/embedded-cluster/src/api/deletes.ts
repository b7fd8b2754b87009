import type { Admission } from '../admission/admission.ts';
import { notFound } from '../objects/api-error.ts';
import { timestamp, type Stored } from '../objects/object.ts';
import type { Resource } from '../objects/resource.ts';
import { encoded } from '../storage/encoding.ts';
import type { Revisions, Store } from '../storage/store.ts';
import type { Target, Writes } from './writes.ts';

/** Deletes objects of one resource: at once, or when the last finalizer is removed. */
export class Deletes {
  constructor(
    private readonly resource: Resource,
    private readonly store: Store,
    private readonly revisions: Revisions,
    private readonly admission: Admission,
    private readonly writes: Writes,
  ) {}

  /** @returns JSON: a Status, or the object while finalizers keep it */
  async delete({ namespace, name, dryRun }: Target): Promise<string> {
    const key = this.writes.key(namespace, name);
    const current = this.store.get(key);
    if (current === undefined) throw notFound(this.resource, name);
    await this.admission.admit(this.resource, {
      operation: 'DELETE',
      name,
      namespace,
      oldObject: current,
      dryRun,
    });
    const { deletionTimestamp, finalizers = [] } = current.metadata;
    if (deletionTimestamp !== undefined) return encoded(this.resource, current);
    const isCurrent = !dryRun && this.store.get(key) === current;
    if (finalizers.length > 0) {
      const metadata = { ...current.metadata, deletionTimestamp: timestamp(), deletionGracePeriodSeconds: 0 };
      const marked = { ...current, metadata };
      return encoded(this.resource, isCurrent ? this.writes.put(key, marked) : marked);
    }
    if (isCurrent) {
      this.revisions.next();
      this.store.delete(key);
    }
    return this.#success(current);
  }

  #success({ metadata: { name, uid } }: Stored): string {
    const { group, plural: kind } = this.resource;
    const details = { name, ...(group && { group }), kind, uid };
    return JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
  }
}
