import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedClusterOptions } from '@ecr-anywhere/embedded-cluster';
import { kubeconfig, type Cluster } from './cluster.ts';
import { startEmbedded } from './embedded.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';

/** A cluster with faults for the refresher. Tests order them. */
export interface FaultyCluster extends Cluster {
  readonly fault: FaultProxy['fault'];
}

/** The embedded cluster. Its faults apply to all clients. */
export async function startFaultyEmbedded(options?: EmbeddedClusterOptions): Promise<FaultyCluster> {
  const cluster = await startEmbedded(options);
  return { ...cluster, fault: (fault, scope) => cluster.embedded.fault(fault, scope) };
}

/** Another cluster. Its kubeconfig uses a proxy with faults. `connection` and `api` do not use the proxy. */
export async function withFaults(cluster: Cluster): Promise<FaultyCluster> {
  const proxy = await startFaultProxy(cluster.connection);
  const folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-proxy-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  await writeFile(kubeconfigFile, kubeconfig({ url: proxy.url }), { mode: 0o600 });
  return {
    ...cluster,
    kubeconfigFile,
    fault: proxy.fault,
    async stop() {
      await proxy.stop();
      await rm(folder, { recursive: true, force: true });
      await cluster.stop();
    },
  };
}
