import { apiClient } from '../../client/api-client.ts';
import { KubernetesError } from '../../client/kubernetes-error.ts';
import { AccessError } from '../../kubeconfig/access-error.ts';
import { loadAccess } from '../../kubeconfig/load-access.ts';
import { environmentOf, type Setup } from './setup.ts';

/** Makes the same request as `askWith`, with our client. */
export async function askOurs(folder: string, setup: Setup): Promise<string | undefined> {
  try {
    const access = await loadAccess({
      kubeconfig: setup.kubeconfig?.replaceAll('FOLDER', folder),
      context: setup.context,
      env: environmentOf(folder, setup),
    });
    const call = apiClient({
      access,
      userAgent: 'test',
      timeout: 10_000,
      signal: new AbortController().signal,
      wait: () => Promise.resolve(),
      isTerminal: false,
    });
    const path = `/api/v1/namespaces/${access.namespace}/serviceaccounts/x/token`;
    await call({ method: 'POST', path, as: 'PartialObjectMetadata', content: {} });
    return undefined;
  } catch (error) {
    if (error instanceof AccessError || error instanceof KubernetesError) return error.message;
    throw error;
  }
}
