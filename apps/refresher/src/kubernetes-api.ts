import {
  ANNOTATIONS,
  MANAGED_SELECTOR,
  NAMESPACE_SELECTOR,
  type ObjectMeta,
} from '@ecr-anywhere/secret-scan';
import type { ApiAnswer, ApiCall } from './api-client.ts';
import { KubernetesError, type Kubernetes } from './kubernetes.ts';

interface MetadataList {
  readonly metadata?: { readonly continue?: string };
  /** Null where there are none. */
  readonly items?: readonly { readonly metadata?: ObjectMeta }[] | null;
}

const NAMESPACES = '/api/v1/namespaces';

/** Continue tokens that have become too old, one after another, with nothing new between them. */
const MOST_RESTARTS = 3;

/** The cluster behind an API server. */
export function kubernetesApi(call: (call: ApiCall) => Promise<ApiAnswer>, pageSize: number): Kubernetes {
  return {
    enabledNamespaces: () => listed(call, NAMESPACES, { labelSelector: NAMESPACE_SELECTOR }, pageSize),
    managedSecrets: (namespace) =>
      listed(
        call,
        namespace === undefined ? '/api/v1/secrets' : `${pathOf(namespace)}/secrets`,
        { labelSelector: MANAGED_SELECTOR },
        pageSize,
      ),
    async namespace(name) {
      try {
        const { body } = await call({ method: 'GET', path: pathOf(name), as: 'PartialObjectMetadata' });
        return metadataOf(body);
      } catch (error) {
        if (!(error instanceof KubernetesError)) throw error;
        if (error.failure === 'not-found') return undefined;
        if (error.failure === 'forbidden') return listedByName(call, name, error);
        throw error;
      }
    },
    async mark({ namespace, name }, value) {
      const { body } = await call({
        method: 'PATCH',
        path: `${pathOf(namespace ?? '')}/secrets/${encodeURIComponent(name ?? '')}`,
        as: 'PartialObjectMetadata',
        content: { metadata: { annotations: { [ANNOTATIONS.markedForUpdateAt]: value } } },
      });
      return metadataOf(body);
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
    for await (const found of listed(call, NAMESPACES, { fieldSelector: `metadata.name=${name}` }, 1))
      return found;
    return undefined;
  } catch (error) {
    throw error instanceof KubernetesError && error.failure === 'forbidden' ? refusal : error;
  }
}

/**
 * Lists page by page. A continue token lives for minutes: after that the API server offers another to go on with, or the
 * list begins anew, where what was already seen is passed over. Lists come in the order of their keys.
 */
async function* listed(
  call: (call: ApiCall) => Promise<ApiAnswer>,
  path: string,
  selector: Readonly<Record<string, string>>,
  limit: number,
): AsyncIterable<ObjectMeta> {
  let token = '';
  let last = '';
  let restarts = 0;
  for (;;) {
    const query = new URLSearchParams({
      ...selector,
      limit: String(limit),
      ...(token && { continue: token }),
    });
    const { status, body } = await call({
      method: 'GET',
      path: `${path}?${query}`,
      as: 'PartialObjectMetadataList',
    });
    const { metadata, items } = (body ?? {}) as MetadataList;
    const next = metadata?.continue ?? '';
    if (status === 410) {
      if (token === '' || ++restarts > MOST_RESTARTS)
        throw new KubernetesError(
          'unavailable',
          `the API server cannot list ${path}: its pages expire at once`,
        );
      token = next === token ? '' : next;
      continue;
    }
    for (const { metadata: found } of items ?? []) {
      if (found === undefined || keyOf(found) <= last) continue;
      last = keyOf(found);
      restarts = 0;
      yield found;
    }
    if (next === '') return;
    token = next;
  }
}

function keyOf({ namespace, name }: ObjectMeta): string {
  return namespace ? `${namespace}/${name ?? ''}` : (name ?? '');
}

export function metadataOf(body: unknown): ObjectMeta {
  return (body as { metadata?: ObjectMeta } | undefined)?.metadata ?? {};
}

export function pathOf(namespace: string): string {
  return `${NAMESPACES}/${encodeURIComponent(namespace)}`;
}
