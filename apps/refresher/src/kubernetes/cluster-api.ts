import {
  KubernetesError,
  listed,
  readMetadata,
  type ApiAnswer,
  type ApiCall,
} from '@ecr-anywhere/kubernetes';
import {
  ANNOTATIONS,
  isEnabledNamespace,
  isManaged,
  MANAGED_SELECTOR,
  NAMESPACE_SELECTOR,
  type ObjectMeta,
} from '@ecr-anywhere/secret-scan';
import type { Kubernetes } from './cluster.ts';

const NAMESPACES = '/api/v1/namespaces';

/** The cluster behind an API server. */
export function kubernetesApi(call: (call: ApiCall) => Promise<ApiAnswer>, pageSize: number): Kubernetes {
  return {
    enabledNamespaces: () =>
      listed(call, {
        path: NAMESPACES,
        expected: { isSelected: isEnabledNamespace },
        selector: { labelSelector: NAMESPACE_SELECTOR },
        pageSize,
      }),
    managedSecrets: (namespace, onRepeats) =>
      listed(call, {
        path: namespace === undefined ? '/api/v1/secrets' : `${pathOf(namespace)}/secrets`,
        expected: { namespace: namespace ?? '*', isSelected: isManaged },
        selector: { labelSelector: MANAGED_SELECTOR },
        pageSize,
        onRepeats,
      }),
    async namespace(name) {
      try {
        const path = pathOf(name);
        const { body } = await call({ method: 'GET', path, as: 'PartialObjectMetadata' });
        return readMetadata(body, path, { name });
      } catch (error) {
        if (!(error instanceof KubernetesError)) throw error;
        if (error.failure === 'not-found') return undefined;
        if (error.failure === 'forbidden') return listedByName(call, name, error);
        throw error;
      }
    },
    async mark(secret, value, { dryRun = false } = {}) {
      const namespace = secret.namespace ?? '';
      const name = secret.name ?? '';
      const path = `${pathOf(namespace)}/secrets/${encodeURIComponent(name)}`;
      const { body, warnings = [] } = await call({
        method: 'PATCH',
        path: dryRun ? `${path}?dryRun=All` : path,
        as: 'PartialObjectMetadata',
        content: { metadata: { annotations: { [ANNOTATIONS.markedForUpdateAt]: value } } },
      });
      return { metadata: readMetadata(body, path, { namespace, name }), warnings };
    },
  };
}

/** A ClusterRole that runs over all namespaces allows to list them and nothing else; a list of one by name is a list. */
async function listedByName(
  call: (call: ApiCall) => Promise<ApiAnswer>,
  name: string,
  refusal: KubernetesError,
): Promise<ObjectMeta | undefined> {
  try {
    const selector = { fieldSelector: `metadata.name=${name}` };
    const listing = { path: NAMESPACES, expected: { name }, selector, pageSize: 1 };
    for await (const found of listed(call, listing)) return found;
    return undefined;
  } catch (error) {
    throw error instanceof KubernetesError && error.failure === 'forbidden' ? refusal : error;
  }
}

export function pathOf(namespace: string): string {
  return `${NAMESPACES}/${encodeURIComponent(namespace)}`;
}
