import {
  KubernetesError,
  readDeletion,
  readMetadata,
  type ApiClient,
  type NamedMetadata,
} from '@ecr-anywhere/kubernetes';
import { secretPath } from './managed-secrets.ts';
import { namespacePath } from './namespaces.ts';

/** What became of a Secret that was to be deleted. `held-back`: it is being deleted, and waits for its finalizers. */
export type Deletion = 'deleted' | 'held-back' | 'absent';

/** A Secret to create. */
export interface NewSecret {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Creates and deletes Secrets that belong to the installation itself. */
export interface OwnSecrets {
  /** @returns the metadata as stored; the data is never asked for */
  createSecret(secret: NewSecret): Promise<NamedMetadata>;
  deleteSecret(namespace: string, name: string): Promise<Deletion>;
}

/** @throws the methods throw {@link KubernetesError} */
export function ownSecretsApi(call: ApiClient): OwnSecrets {
  const as = 'PartialObjectMetadata';
  return {
    async createSecret({ namespace, name, labels, annotations, type, data }) {
      const path = `${namespacePath(namespace)}/secrets`;
      const content = { metadata: { namespace, name, labels, annotations }, type, data };
      const { body } = await call({ method: 'POST', path, as, content });
      return readMetadata(body, path, { namespace, name });
    },
    async deleteSecret(namespace, name) {
      const path = secretPath(namespace, name);
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
