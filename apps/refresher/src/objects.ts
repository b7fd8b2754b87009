import { KubernetesError, readMetadata, type ApiAnswer, type ApiCall } from '@ecr-anywhere/kubernetes';
import type { ObjectMeta } from '@ecr-anywhere/secret-scan';
import { pathOf } from './kubernetes-api.ts';

/** Secrets that an installation makes and deletes for itself. Answers are metadata alone. */
export interface Objects {
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
  return {
    async createSecret(secret) {
      const path = `${pathOf(secret.metadata.namespace ?? '')}/secrets`;
      return readMetadata((await call({ method: 'POST', path, as, content: secret })).body, path);
    },
    async deleteSecret(namespace, name) {
      try {
        await call({
          method: 'DELETE',
          path: `${pathOf(namespace)}/secrets/${encodeURIComponent(name)}`,
          as,
        });
        return true;
      } catch (error) {
        if (error instanceof KubernetesError && error.failure === 'not-found') return false;
        throw error;
      }
    },
  };
}
