import type { Admission } from '../admission/admission.ts';
import { badRequest, conflict, notFound } from '../api-error.ts';
import { GoJsonError, parseGoJson } from '../go/json.ts';
import { inOrder } from '../objects/metadata.ts';
import { terminating } from '../objects/namespace.ts';
import { timestamp, type Stored } from '../objects/object.ts';
import type { Resource } from '../objects/resource.ts';
import { encoded } from './encoding.ts';
import type { Revisions, Store } from './store.ts';

interface DeleteOptions {
  readonly dryRun?: readonly string[];
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Deletes objects of one resource: at once, or as soon as their last finalizer is taken away. */
export class Deletes {
  constructor(
    private readonly resource: Resource,
    private readonly store: Store,
    private readonly revisions: Revisions,
    private readonly admission: Admission,
  ) {}

  /** @returns JSON: a Status, or the object where it stays for the time being */
  async delete(namespace: string, name: string, body: Buffer, dryRunAsked: boolean): Promise<string> {
    const options = readOptions(body);
    const dryRun = dryRunAsked || (options.dryRun ?? []).includes('All');
    const key = this.resource.namespaced ? `${namespace}/${name}` : name;
    const current = this.store.get(key);
    if (current === undefined) throw notFound(this.resource, name);
    this.#check(current, options);
    await this.admission.admit(this.resource, {
      operation: 'DELETE',
      name,
      namespace,
      oldObject: current,
      options: { dryRun, fieldValidation: 'Ignore' },
    });
    const marked = this.#marked(current);
    if (!dryRun && this.store.get(key) === current) {
      if (marked === undefined) {
        this.revisions.next();
        this.store.delete(key);
      } else if (marked !== current) {
        const metadata = inOrder({ ...marked.metadata, resourceVersion: String(this.revisions.next()) });
        const stored = this.store.put(key, { ...marked, metadata: metadata as Stored['metadata'] });
        return encoded(this.resource, stored);
      }
    }
    return marked === undefined ? this.#done(current) : encoded(this.resource, marked);
  }

  /** The object with its deletion begun; undefined where nothing keeps it. */
  #marked(current: Stored): Stored | undefined {
    const { deletionTimestamp, finalizers = [] } = current.metadata;
    if (deletionTimestamp !== undefined) return current;
    if (this.resource.kind === 'Namespace') return terminating(current, timestamp());
    if (finalizers.length === 0) return undefined;
    const metadata = { ...current.metadata, deletionTimestamp: timestamp(), deletionGracePeriodSeconds: 0 };
    return { ...current, metadata: inOrder(metadata) as Stored['metadata'] };
  }

  #check({ metadata }: Stored, { preconditions: { uid, resourceVersion } = {} }: DeleteOptions): void {
    const { kind, group } = this.resource;
    const resource = { kind, plural: kind, group };
    if (uid !== undefined && uid !== metadata.uid)
      throw conflict(
        resource,
        metadata.name,
        `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      );
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
      throw conflict(
        resource,
        metadata.name,
        `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
      );
  }

  #done({ metadata: { name, uid } }: Stored): string {
    const { group, plural: kind } = this.resource;
    const details = { name, ...(group && { group }), kind, uid };
    return JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
  }
}

function readOptions(body: Buffer): DeleteOptions {
  if (body.length === 0) return {};
  try {
    return (parseGoJson(body) ?? {}) as DeleteOptions;
  } catch (error) {
    throw error instanceof GoJsonError
      ? badRequest(
          `the object provided is unrecognized (must be of type DeleteOptions): couldn't get version/kind; json parse error: ${error.message}`,
        )
      : error;
  }
}
