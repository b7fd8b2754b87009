import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startEmbeddedCluster,
  type EmbeddedCluster,
  type EmbeddedClusterOptions,
} from '@ecr-anywhere/embedded-cluster';
import { kubeconfig, type Cluster } from './cluster.ts';
import { kubernetesApi } from './kubernetes-api.ts';

/** The embedded cluster. Tests can order faults from it. */
export interface Embedded extends Cluster {
  readonly embedded: EmbeddedCluster;
}

/** Starts the small API server of tools/stand-ins/embedded-cluster. */
export async function startEmbedded(options?: EmbeddedClusterOptions): Promise<Embedded> {
  const embedded = await startEmbeddedCluster(options);
  const folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-cluster-'));
  const connection = { url: embedded.url };
  const kubeconfigFile = join(folder, 'kubeconfig');
  await writeFile(kubeconfigFile, kubeconfig(connection), { mode: 0o600 });
  const api = kubernetesApi(connection);
  return {
    connection,
    api,
    kubeconfigFile,
    embedded,
    async stop() {
      await api.close();
      await embedded.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
