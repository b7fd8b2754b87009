import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { alreadyExists, ApiError, badRequest, conflict, notFound } from './api-error.ts';
import type { ApiObject, Secret, Stored } from './objects.ts';
import { jsonPatch, mergePatch } from './patches.ts';
import { prepareSecret, validateSecret } from './secrets.ts';
import type { Store } from './store.ts';
import type { Admitted, Webhooks } from './webhooks.ts';

/** How often a patch that lost a race is applied anew, as in the API server. */
const PATCH_ATTEMPTS = 5;

export type PatchKind = 'merge' | 'json';

/** Writes of Secrets, in the order of the API server: defaults, admission, validation, storage. */
export class SecretWrites {
  constructor(
    private readonly secrets: Store,
    private readonly namespaces: Store,
    private readonly webhooks: Webhooks,
  ) {}

  async create(namespace: string, body: Secret, dryRun: boolean): Promise<Admitted<ApiObject>> {
    const namespaceObject = this.#namespace(namespace);
    const prepared = prepareSecret({ ...body, metadata: { ...body.metadata, namespace } });
    const { generateName } = prepared.metadata ?? {};
    const { object: admitted, warnings } = await this.webhooks.admit({
      operation: 'CREATE',
      object: prepared,
      namespace,
      namespaceLabels: namespaceObject.metadata.labels,
      dryRun,
    });
    const name = admitted.metadata?.name ?? (generateName === undefined ? '' : generateName + suffix());
    const object: Secret = { ...admitted, metadata: { ...admitted.metadata, name } };
    validateSecret(object, undefined);
    const key = `${namespace}/${name}`;
    if (this.secrets.get(key) !== undefined) throw alreadyExists('secrets', name);
    return { object: dryRun ? object : this.secrets.create(key, object), warnings };
  }

  async replace(
    namespace: string,
    name: string,
    body: Secret,
    dryRun: boolean,
  ): Promise<Admitted<ApiObject>> {
    return this.#update(namespace, name, () => body, dryRun, 1);
  }

  async patch(
    namespace: string,
    name: string,
    kind: PatchKind,
    patch: unknown,
    dryRun: boolean,
  ): Promise<Admitted<ApiObject>> {
    const apply = (current: Stored): Secret => {
      if (kind === 'merge') return mergePatch(current, patch) as Secret;
      try {
        return jsonPatch<Secret>(current, patch as unknown[]);
      } catch (error) {
        throw new ApiError(
          422,
          'Invalid',
          `the server rejected our request due to an error in our request: ${(error as Error).message}`,
        );
      }
    };
    return this.#update(namespace, name, apply, dryRun, PATCH_ATTEMPTS);
  }

  delete(namespace: string, name: string): ApiObject {
    const key = `${namespace}/${name}`;
    const current = this.secrets.get(key);
    if (current === undefined) throw notFound('secrets', name);
    if ((current.metadata.finalizers ?? []).length === 0) {
      this.secrets.delete(key);
      return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
    }
    if (current.metadata.deletionTimestamp !== undefined) return current;
    const deletionTimestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    return this.secrets.replace(key, {
      ...current,
      metadata: { ...current.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 },
    });
  }

  async #update(
    namespace: string,
    name: string,
    change: (current: Stored) => Secret,
    dryRun: boolean,
    attempts: number,
  ): Promise<Admitted<ApiObject>> {
    const { labels } = this.#namespace(namespace).metadata;
    const key = `${namespace}/${name}`;
    for (let attempt = 1; ; attempt++) {
      const current = this.secrets.get(key);
      if (current === undefined) throw notFound('secrets', name);
      const changed = change(current);
      const { resourceVersion } = changed.metadata ?? {};
      if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
        throw conflict('secrets', name);
      }
      const prepared = prepareSecret(withServerFields(changed, current, namespace));
      const { object, warnings } = await this.webhooks.admit({
        operation: 'UPDATE',
        object: prepared,
        oldObject: current,
        namespace,
        namespaceLabels: labels,
        dryRun,
      });
      validateSecret(object, current);
      if (this.secrets.get(key) !== current) {
        if (attempt < attempts) continue; // somebody was faster while the webhook was asked
        throw conflict('secrets', name);
      }
      return {
        object: dryRun ? object : this.#store(key, current, withServerFields(object, current, namespace)),
        warnings,
      };
    }
  }

  #store(key: string, current: Stored, object: Stored): Stored {
    const isGone =
      object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0;
    if (isGone) {
      this.secrets.delete(key);
      return object;
    }
    return isDeepStrictEqual(plain(object), plain(current)) ? current : this.secrets.replace(key, object);
  }

  #namespace(name: string): Stored {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined) throw notFound('namespaces', name);
    return namespace;
  }
}

/** What a client cannot change. */
function withServerFields(object: ApiObject, current: Stored, namespace: string): Stored {
  const { name, uid, creationTimestamp, deletionTimestamp, resourceVersion } = current.metadata;
  if (object.metadata?.name !== undefined && object.metadata.name !== name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  return {
    ...object,
    metadata: {
      ...object.metadata,
      name,
      namespace,
      uid,
      resourceVersion,
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
  };
}

/** Without empty fields, which make no difference to the API server. */
function plain(object: Stored): unknown {
  return JSON.parse(
    JSON.stringify(object, (_, value: unknown) =>
      typeof value === 'object' && value !== null && Object.keys(value).length === 0 ? undefined : value,
    ),
  );
}

function suffix(): string {
  return randomBytes(3).toString('hex').slice(0, 5);
}
