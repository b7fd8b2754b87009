import type { ObjectMeta } from '@ecr-anywhere/secret-scan';
import type { ApiAnswer, ApiCall } from './api-client.ts';
import { metadataOf, pathOf } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes.ts';

/** Namespaces and Secrets that an installation makes and deletes for itself. Answers are metadata alone. */
export interface Objects {
  createNamespace(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** With everything in it. One that is not there is no failure. */
  deleteNamespace(name: string): Promise<void>;
  /** Gives the metadata as it was stored. */
  createSecret(secret: {
    readonly metadata: ObjectMeta;
    readonly type: string;
    readonly data: object;
  }): Promise<ObjectMeta>;
  /** Whether it was there. */
  deleteSecret(namespace: string, name: string): Promise<boolean>;
}

/** @throws the methods throw {@link KubernetesError} */
export function objectsApi(call: (call: ApiCall) => Promise<ApiAnswer>): Objects {
  const as = 'PartialObjectMetadata';
  const remove = async (path: string): Promise<boolean> => {
    try {
      await call({ method: 'DELETE', path, as });
      return true;
    } catch (error) {
      if (error instanceof KubernetesError && error.failure === 'not-found') return false;
      throw error;
    }
  };
  return {
    async createNamespace(name, labels) {
      await call({ method: 'POST', path: '/api/v1/namespaces', as, content: { metadata: { name, labels } } });
    },
    async deleteNamespace(name) {
      await remove(pathOf(name));
    },
    async createSecret(secret) {
      const path = `${pathOf(secret.metadata.namespace ?? '')}/secrets`;
      return metadataOf((await call({ method: 'POST', path, as, content: secret })).body);
    },
    deleteSecret: (namespace, name) => remove(`${pathOf(namespace)}/secrets/${encodeURIComponent(name)}`),
  };
}
