import type { KubernetesObject } from '@ecr-anywhere/local-installation';
import { SCENARIO } from '../../stage.ts';
import type { InstalledCluster } from './cluster.ts';

/** Deletes only the namespaces that scenarios have created: the cluster may have others. */
export async function deleteScenarioNamespaces({ api }: Pick<InstalledCluster, 'api'>): Promise<void> {
  const namespaces = (await api.get('/api/v1/namespaces')).body['items'] as KubernetesObject[];
  for (const { metadata } of namespaces) {
    if (metadata?.name?.startsWith(SCENARIO)) await api.delete(`/api/v1/namespaces/${metadata.name}`);
  }
}
