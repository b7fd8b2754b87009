import { KubernetesError, type ApiClient } from '@ecr-anywhere/kubernetes';
import { REPORT_KEY } from '@ecr-anywhere/run-report';
import { namespacePath } from './namespaces.ts';

/**
 * Writes the report into a ConfigMap that exists. The refresher cannot create it: the right to create objects cannot be
 * limited to a name.
 *
 * @throws {@link KubernetesError}
 */
export async function writeReport(
  call: ApiClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  report: string,
): Promise<void> {
  const path = `${namespacePath(namespace)}/configmaps/${encodeURIComponent(name)}`;
  try {
    await call({
      method: 'PATCH',
      path,
      as: 'PartialObjectMetadata',
      content: { data: { [REPORT_KEY]: report } },
    });
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.failure !== 'not-found') throw error;
    throw new KubernetesError('not-found', `${error.message}; helm upgrade creates it`);
  }
}
