import {
  KubernetesError,
  listObjects,
  readMetadata,
  type ApiClient,
  type NamedMetadata,
} from '@ecr-anywhere/kubernetes';
import { isEnabledNamespace, NAMESPACE_SELECTOR, type ObjectMeta } from '@ecr-anywhere/secret-scan';

/** What the refresher reads of namespaces: their metadata. */
export interface Namespaces {
  /** Lists them with their labels, in no particular order. */
  listEnabledNamespaces(): AsyncIterable<Pick<NamedMetadata, 'name' | 'labels'>>;
  /** @returns undefined if there is no such namespace */
  getNamespace(name: string): Promise<ObjectMeta | undefined>;
}

const PATH = '/api/v1/namespaces';

/** @throws the methods throw {@link KubernetesError} */
export function namespacesApi(call: ApiClient, pageSize: number): Namespaces {
  return {
    listEnabledNamespaces: () =>
      listObjects(call, {
        path: PATH,
        expected: { isSelected: isEnabledNamespace },
        selector: { labelSelector: NAMESPACE_SELECTOR },
        pageSize,
      }),
    async getNamespace(name) {
      try {
        const path = namespacePath(name);
        const { body } = await call({ method: 'GET', path, as: 'PartialObjectMetadata' });
        return readMetadata(body, path, { name });
      } catch (error) {
        if (!(error instanceof KubernetesError)) throw error;
        if (error.failure === 'not-found') return undefined;
        if (error.failure === 'forbidden') return findNamespace(call, name, error);
        throw error;
      }
    },
  };
}

/**
 * Finds a namespace with a list request. A ClusterRole for all namespaces gives only the right to list them.
 *
 * @param refusal - of the GET; thrown if the list is refused too
 */
async function findNamespace(
  call: ApiClient,
  name: string,
  refusal: KubernetesError,
): Promise<ObjectMeta | undefined> {
  try {
    const selector = { fieldSelector: `metadata.name=${name}` };
    const listing = { path: PATH, expected: { name }, selector, pageSize: 1 };
    for await (const found of listObjects(call, listing)) return found;
    return undefined;
  } catch (error) {
    throw error instanceof KubernetesError && error.failure === 'forbidden' ? refusal : error;
  }
}

/** The path of a namespace in the API. */
export function namespacePath(namespace: string): string {
  return `${PATH}/${encodeURIComponent(namespace)}`;
}
