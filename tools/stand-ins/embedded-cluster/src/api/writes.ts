import { randomInt, randomUUID } from 'node:crypto';
import type { Admission } from '../admission/admission.ts';
import { alreadyExists, ApiError, badRequest, conflict, invalid, notFound } from '../objects/api-error.ts';
import { NAMESPACES } from '../objects/namespace.ts';
import { timestamp, type ApiObject, type Stored } from '../objects/object.ts';
import { jsonPatch, JsonPatchError, mergePatch } from '../objects/patches.ts';
import { decode, DecodeError, parseJson, type Resource } from '../objects/resource.ts';
import { inOrder } from '../objects/schema.ts';
import { encodedItem } from '../storage/encoding.ts';
import type { Revisions, Store } from '../storage/store.ts';

/** An object as it was written, and the warnings for the client. */
export interface Written {
  readonly object: ApiObject;
  readonly warnings: readonly string[];
}

/** Where a write goes. */
export interface Target {
  /** Empty for an object that is in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
}

export type PatchKind = 'json' | 'merge';

/** Writes of one resource, in the order of the API server: decoding, defaults, admission, validation, storage. */
export class Writes {
  constructor(
    private readonly resource: Resource,
    private readonly store: Store,
    private readonly revisions: Revisions,
    private readonly admission: Admission,
    private readonly namespaces: Store,
  ) {}

  async create({ namespace, dryRun }: Omit<Target, 'name'>, body: Buffer): Promise<Written> {
    const object = this.#inNamespace(this.#decode(parseJson(body), 400), namespace);
    if (object.metadata.resourceVersion !== undefined)
      throw badRequest('resourceVersion should not be set on objects to be created');
    if (this.resource.namespaced && !this.namespaces.get(namespace)) throw notFound(NAMESPACES, namespace);
    const { object: admitted, warnings } = await this.admission.admit(this.resource, {
      operation: 'CREATE',
      name: object.metadata.name ?? '',
      namespace,
      object,
      dryRun,
    });
    const created = withSystemFields(admitted);
    this.#validate(created);
    const { name } = created.metadata;
    const key = this.key(namespace, name);
    if (this.store.get(key) !== undefined) throw alreadyExists(this.resource, name);
    return { object: dryRun ? created : this.put(key, created), warnings };
  }

  async replace(target: Target, body: Buffer): Promise<Written> {
    const object = this.#decode(parseJson(body), 400);
    return this.#update(target, () => object);
  }

  async patch(target: Target, kind: PatchKind, body: Buffer): Promise<Written> {
    const patch = parseJson(body);
    return this.#update(target, (current) => {
      try {
        return this.#decode(kind === 'json' ? jsonPatch(current, patch) : mergePatch(current, patch), 422);
      } catch (error) {
        throw error instanceof JsonPatchError ? new ApiError(422, 'Invalid', error.message) : error;
      }
    });
  }

  key(namespace: string, name: string): string {
    return this.resource.namespaced ? `${namespace}/${name}` : name;
  }

  put(key: string, object: ApiObject): Stored {
    const resourceVersion = String(this.revisions.next());
    const metadata = inOrder({ ...object.metadata, resourceVersion }) as Stored['metadata'];
    return this.store.put(key, { ...object, metadata });
  }

  /** Reads, changes, admits, validates and stores. Starts again if another write was faster. */
  async #update(
    { namespace, name, dryRun }: Target,
    change: (current: Stored) => ApiObject,
  ): Promise<Written> {
    const key = this.key(namespace, name);
    for (;;) {
      const current = this.store.get(key);
      if (current === undefined) throw notFound(this.resource, name);
      const changed = this.#inNamespace(change(current), namespace);
      if (changed.metadata.name !== name)
        throw badRequest(`the name of the object does not match the name on the URL (${name})`);
      const { object: admitted, warnings } = await this.admission.admit(this.resource, {
        operation: 'UPDATE',
        name,
        namespace,
        object: changed,
        oldObject: current,
        dryRun,
      });
      const updated = this.#updated(admitted, current);
      this.#validate(updated, current);
      if (this.store.get(key) !== current) continue;
      return { object: this.#store(key, current, updated, dryRun), warnings };
    }
  }

  #store(key: string, current: Stored, updated: Stored, dryRun: boolean): ApiObject {
    if (encodedItem(updated) === encodedItem(current)) return current;
    if (dryRun) return updated;
    const { deletionTimestamp, finalizers = [] } = updated.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0) return this.put(key, updated);
    // The object was only waiting for its last finalizer.
    this.revisions.next();
    this.store.delete(key);
    return updated;
  }

  /** Restores what a client cannot change, or need not send. */
  #updated(object: ApiObject, current: Stored): Stored {
    const { metadata: old } = current;
    const { uid = old.uid, resourceVersion = old.resourceVersion } = object.metadata;
    if (resourceVersion !== old.resourceVersion || uid !== old.uid) throw conflict(this.resource, old.name);
    const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = old;
    const system = { uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds };
    const kept = this.resource.keep?.(object, current) ?? object;
    return { ...kept, metadata: inOrder({ ...kept.metadata, ...system }) as Stored['metadata'] };
  }

  #decode(value: unknown, code: 400 | 422): ApiObject {
    try {
      return decode(this.resource, value);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new ApiError(code, code === 400 ? 'BadRequest' : 'Invalid', error.message);
    }
  }

  #validate(object: Stored, old?: Stored): void {
    const { name = '' } = object.metadata as Partial<Stored['metadata']>;
    const problems = [
      ...(this.resource.namePattern.test(name) ? [] : [`metadata.name: Invalid value: "${name}"`]),
      ...this.resource.problems(object, old),
    ];
    if (problems.length > 0) throw invalid(this.resource, name, problems);
  }

  #inNamespace(object: ApiObject, namespace: string): ApiObject {
    if ((object.metadata.namespace ?? namespace) !== namespace)
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    if (namespace === '') return object;
    return { ...object, metadata: inOrder({ ...object.metadata, namespace }) };
  }
}

/** The object that a create stores. It has no resourceVersion yet. */
function withSystemFields(object: ApiObject): Stored {
  const { generateName, name = generateName && generatedName(generateName) } = object.metadata;
  const system = { name, uid: randomUUID(), creationTimestamp: timestamp(), deletionTimestamp: undefined };
  return { ...object, metadata: inOrder({ ...object.metadata, ...system }) as Stored['metadata'] };
}

/** The characters that the API server uses. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function generatedName(base: string): string {
  return base + Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
