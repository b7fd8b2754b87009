import {
  KubernetesError,
  readDeletion,
  readMetadata,
  type ApiAnswer,
  type ApiCall,
} from '@ecr-anywhere/kubernetes';
import type { ObjectMeta } from '@ecr-anywhere/secret-scan';
import { pathOf } from './cluster-api.ts';

/** What became of a Secret that was to be deleted. Finalizers may hold it back. */
export type Deletion = 'deleted' | 'held-back' | 'absent';

/** Secrets that an installation makes and deletes for itself. Answers are metadata alone. */
export interface Objects {
  /** Gives the metadata as it was stored. */
  createSecret(secret: {
    readonly metadata: ObjectMeta;
    readonly type: string;
    readonly data: object;
  }): Promise<ObjectMeta>;
  deleteSecret(namespace: string, name: string): Promise<Deletion>;
}

/** @throws the methods throw {@link KubernetesError} */
export function objectsApi(call: (call: ApiCall) => Promise<ApiAnswer>): Objects {
  const as = 'PartialObjectMetadata';
  return {
    async createSecret(secret) {
      const { namespace, name } = secret.metadata;
      const path = `${pathOf(namespace ?? '')}/secrets`;
      const { body } = await call({ method: 'POST', path, as, content: secret });
      return readMetadata(body, path, { namespace: namespace ?? '', name: name ?? '' });
    },
    async deleteSecret(namespace, name) {
      const path = `${pathOf(namespace)}/secrets/${encodeURIComponent(name)}`;
      try {
        const { body } = await call({ method: 'DELETE', path, as });
        return readDeletion(body, path, { namespace, name });
      } catch (error) {
        if (error instanceof KubernetesError && error.failure === 'not-found') return 'absent';
        throw error;
      }
    },
  };
}
