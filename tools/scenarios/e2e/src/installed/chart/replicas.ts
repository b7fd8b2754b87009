import type { InstalledCluster } from '../cluster/cluster.ts';
import type { Release } from './release.ts';

type Installed = Pick<Release, 'name' | 'namespace'>;

/** The names of the webhook's pods. */
export async function replicas(cluster: InstalledCluster, { name, namespace }: Installed): Promise<string[]> {
  const pods = ['get', 'pods', '-l', `app=${name}`, '-o', 'name'];
  const names = await cluster.kubectl(['-n', namespace, ...pods]);
  return names
    .trim()
    .split('\n')
    .map((pod) => pod.replace('pod/', ''));
}

/**
 * The value of a metric at each replica; NaN if absent.
 * @param series - as Prometheus writes it, labels included
 */
export async function metricOfReplicas(
  cluster: InstalledCluster,
  release: Installed,
  series: string,
): Promise<number[]> {
  const pods = await replicas(cluster, release);
  return Promise.all(
    pods.map(async (pod) => {
      const path = `/api/v1/namespaces/${release.namespace}/pods/http:${pod}:8081/proxy/metrics`;
      const { message = '' } = (await cluster.api.get(path)).body;
      const line = message.split('\n').find((text) => text.startsWith(`${series} `));
      return Number(line?.slice(series.length + 1));
    }),
  );
}
