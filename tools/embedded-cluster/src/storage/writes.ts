import type { Admission } from '../admission/admission.ts';
import { alreadyExists, ApiError, badRequest, conflict, notFound } from '../api-error.ts';
import { inOrder } from '../objects/metadata.ts';
import type { ApiObject, Stored } from '../objects/object.ts';
import { decodeBody, judgeUnknown, type Decoded, type Resource } from '../objects/resource.ts';
import { encodedItem } from './encoding.ts';
import { checkNamespace } from './namespace-lifecycle.ts';
import { patched, type PatchKind } from './patched.ts';
import type { Revisions, Store } from './store.ts';
import { asCreated, asUpdated } from './system-fields.ts';
import { validateCreate, validateUpdate } from './validation.ts';

/** What a request asks for beside its body. */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** `Ignore`, `Warn` or `Strict`. */
  readonly fieldValidation: string;
  /** As the API server hands it on to webhooks. */
  readonly fieldManager?: string;
}

/** An object as it was written, and what the client ought to know. */
export interface Written {
  readonly object: ApiObject;
  readonly warnings: readonly string[];
}

/** Writes of one resource, in the order of the API server: decoding, defaults, admission, validation, storage. */
export class Writes {
  constructor(
    private readonly resource: Resource,
    private readonly store: Store,
    private readonly revisions: Revisions,
    private readonly admission: Admission,
    private readonly namespaces: Store,
  ) {}

  async create(namespace: string, body: Buffer, options: WriteOptions): Promise<Written> {
    const { object: decoded, unknown } = decodeBody(this.resource, body);
    const unknownWarnings = this.#judge(unknown, options);
    const object = this.#inNamespace(decoded, namespace);
    if (Number(object.metadata.resourceVersion ?? 0) !== 0)
      throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
    if (this.resource.namespaced)
      checkNamespace(this.namespaces, namespace, this.resource, object.metadata.name ?? '');
    const admitted = await this.admission.admit(this.resource, {
      operation: 'CREATE',
      name: object.metadata.name ?? '',
      namespace,
      object: { ...object, metadata: inOrder({ ...object.metadata, deletionTimestamp: undefined }) },
      options,
    });
    const created = asCreated(this.#inNamespace(admitted.object, namespace));
    validateCreate(this.resource, created);
    const { name } = created.metadata;
    const key = this.#key(namespace, name);
    const existing = this.store.get(key);
    if (existing !== undefined) throw this.#exists(existing, created);
    const warnings = [...unknownWarnings, ...admitted.warnings];
    if (options.dryRun) return { object: created, warnings };
    return { object: this.#put(key, created), warnings };
  }

  async replace(namespace: string, name: string, body: Buffer, options: WriteOptions): Promise<Written> {
    const decoded = decodeBody(this.resource, body);
    const warnings = this.#judge(decoded.unknown, options);
    const object = this.#inNamespace(decoded.object, namespace);
    if (object.metadata.name === undefined)
      throw badRequest(
        `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
      );
    const change = (current: Stored): Decoded => {
      const { uid } = object.metadata;
      if (uid !== undefined && uid !== current.metadata.uid)
        throw this.#otherUid(namespace, name, uid, current);
      return { object, unknown: [] };
    };
    const written = await this.#update(namespace, name, change, options);
    return { ...written, warnings: [...warnings, ...written.warnings] };
  }

  async patch(
    namespace: string,
    name: string,
    kind: PatchKind,
    body: Buffer,
    options: WriteOptions,
  ): Promise<Written> {
    const change = (current: Stored) => patched(this.resource, current, kind, body, options.fieldValidation);
    return this.#update(namespace, name, change, options);
  }

  /** Reads, changes, admits, validates and stores; all of it once more where somebody was faster. */
  async #update(
    namespace: string,
    name: string,
    change: (current: Stored) => Decoded,
    options: WriteOptions,
  ): Promise<Written> {
    const key = this.#key(namespace, name);
    for (;;) {
      const current = this.store.get(key);
      if (current === undefined) throw notFound(this.resource, name);
      const { object, unknown } = change(current);
      const changed = this.#inNamespace(object, namespace);
      if (changed.metadata.name !== name) {
        const { name: other } = changed.metadata;
        throw badRequest(`the name of the object (${other}) does not match the name on the URL (${name})`);
      }
      const admitted = await this.admission.admit(this.resource, {
        operation: 'UPDATE',
        name,
        namespace,
        object: changed,
        oldObject: current,
        options,
      });
      const updated = this.#updated(this.#inNamespace(admitted.object, namespace), current);
      validateUpdate(this.resource, updated, current);
      if (this.store.get(key) !== current) continue;
      const warnings = [
        ...this.#judge(unknown, { ...options, fieldValidation: 'Warn' }),
        ...admitted.warnings,
      ];
      return { object: this.#store(key, current, updated, options), warnings };
    }
  }

  #store(key: string, current: Stored, updated: Stored, { dryRun }: WriteOptions): ApiObject {
    if (encodedItem(updated) === encodedItem(current)) return current;
    if (dryRun) return updated;
    const { deletionTimestamp, finalizers = [] } = updated.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0) return this.#put(key, updated);
    // The last finalizer of an object that is being deleted is gone, and so is the object.
    this.revisions.next();
    this.store.delete(key);
    return updated;
  }

  #put<T extends ApiObject>(key: string, object: T): Stored {
    const resourceVersion = String(this.revisions.next());
    const metadata = inOrder({ ...object.metadata, resourceVersion }) as Stored['metadata'];
    return this.store.put(key, { ...object, metadata });
  }

  #updated(object: ApiObject, current: Stored): Stored {
    const { resourceVersion = '0' } = object.metadata;
    if (!/^\d+$/.test(resourceVersion))
      throw new ApiError(
        500,
        '',
        `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
      );
    if (Number(resourceVersion) !== 0 && resourceVersion !== current.metadata.resourceVersion)
      throw conflict(this.resource, current.metadata.name);
    const kept = this.resource.keep?.(object, current) ?? object;
    return asUpdated(kept, current);
  }

  #judge(unknown: readonly string[], { fieldValidation }: WriteOptions): string[] {
    const { kind, apiVersion } = this.resource;
    const version = apiVersion.split('/').at(-1);
    return judgeUnknown(unknown, fieldValidation, (why) =>
      badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`),
    );
  }

  #inNamespace(object: ApiObject, namespace: string): ApiObject {
    if ((object.metadata.namespace ?? namespace) !== namespace)
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    if (namespace === '') return object;
    return { ...object, metadata: inOrder({ ...object.metadata, namespace }) };
  }

  #exists({ metadata: { deletionTimestamp } }: Stored, { metadata: { name } }: Stored): ApiError {
    const plain = alreadyExists(this.resource, name);
    if (deletionTimestamp === undefined) return plain;
    return new ApiError(plain.code, plain.reason, `object is being deleted: ${plain.message}`, plain.details);
  }

  #otherUid(namespace: string, name: string, uid: string, { metadata }: Stored): ApiError {
    const key = `/registry/${this.resource.plural}/${this.#key(namespace, name)}`;
    return conflict(
      this.resource,
      name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  }

  #key(namespace: string, name: string): string {
    return this.resource.namespaced ? `${namespace}/${name}` : name;
  }
}
