import {
  createCertificateAuthority,
  eventually,
  kubeconfig,
  startFaultProxy,
} from '@ecr-anywhere/local-installation';
import type { Platform, ScenarioAws, ScenarioCluster, ScenarioInstallation } from '../scenario-platform.ts';
import { MANAGED } from '../stage.ts';
import { REGISTRY_HOST, REGISTRY_NODE_PORT, startAws, type AwsInCluster } from './cluster/aws.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { startRefresherJob } from './chart/refresher-job.ts';
import { installRelease, scenarioValues, untilServed, type Release } from './chart/release.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';

/** The images in pods, installed by helm on the cluster of KUBECONFIG. */
export const releases: Platform = {
  largeRun: 2_000,
  hasFaults: onTestbed, // pods reach this process at the node's address
  listOrders: ['keys'],
  startCluster: async () => installable(await connectCluster()),
  async startFaultyCluster() {
    const cluster = await connectCluster();
    await withoutManagedSecrets(cluster);
    const host = await nodeAddress(cluster);
    const tls = await (await createCertificateAuthority('faults')).issue({ names: [host] });
    const proxy = await startFaultProxy(cluster.connection, { host, tls });
    const { stop, ...rest } = installable(cluster, proxy.url);
    return {
      ...rest,
      fault: proxy.fault,
      async stop() {
        await proxy.stop();
        await stop();
      },
    };
  },
};

/** @param url of the API server for the refresher; by default, the pod uses its service account */
function installable(cluster: InstalledCluster, url?: string): ScenarioCluster {
  return {
    api: cluster.api,
    async install({ registryHosts = [] } = {}) {
      const aws = await startAws(cluster);
      await aws.reset();
      const values = { refresh: { registryHosts }, webhook: { shutdown: { delaySeconds: 1 } } };
      const release = await installRelease(cluster, scenarioValues(aws, values));
      const file =
        url === undefined ? undefined : kubeconfig({ url, token: await tokenOf(cluster, release) });
      return asScenario(cluster, release, await scenarioAws(cluster, aws), file);
    },
    async stop() {
      await deleteScenarioNamespaces(cluster);
      await cluster.close();
    },
  };
}

/** A token of the refresher's ServiceAccount: the scenario also tests its permissions. */
async function tokenOf(cluster: InstalledCluster, { name, namespace }: Release): Promise<string> {
  return (await cluster.kubectl(['-n', namespace, 'create', 'token', `${name}-refresher`])).trim();
}

function asScenario(
  cluster: InstalledCluster,
  release: Release,
  aws: ScenarioAws,
  kubeconfigFile: string | undefined,
): ScenarioInstallation {
  const { name, namespace } = release;
  const kubectl = (...args: string[]) => cluster.kubectl(['-n', namespace, ...args]);
  const scale = (replicas: number) => kubectl('scale', 'deployment', name, `--replicas=${replicas}`);
  const start = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
    startRefresherJob(cluster, release, { args, env, kubeconfigFile });
  return {
    aws,
    refresh: async (args, env) => (await start(args, env)).run,
    startRefresher: (args) => start(args),
    webhookOutput: async () => (await kubectl('logs', '-l', `app=${name}`, '--tail=-1')).split('\n'),
    async stopWebhook() {
      await scale(0);
      await kubectl('wait', '--for=delete', 'pod', '-l', `app=${name}`, '--timeout=60s');
    },
    async startWebhook() {
      await scale(2);
      await kubectl('rollout', 'status', 'deployment', name, '--timeout=60s');
      await untilServed(cluster);
    },
    uninstall: () => release.uninstall(),
  };
}

async function scenarioAws(cluster: InstalledCluster, aws: AwsInCluster): Promise<ScenarioAws> {
  return {
    registryHost: REGISTRY_HOST,
    registryUrl: `http://${await nodeAddress(cluster)}:${REGISTRY_NODE_PORT}`,
    accessKeys: aws.keys,
    calls: aws.calls,
    resetCalls: aws.resetCalls,
  };
}

async function nodeAddress({ api }: InstalledCluster): Promise<string> {
  const [node] = (await api.get('/api/v1/nodes')).body['items'] as Node[];
  const address = node?.status.addresses.find(({ type }) => type === 'InternalIP')?.address;
  if (address === undefined) throw new Error('No node has an address');
  return address;
}

interface Node {
  readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
}

/** Namespaces of earlier scenarios are still being deleted. */
function withoutManagedSecrets({ api }: InstalledCluster): Promise<unknown> {
  const [label = ''] = Object.entries(MANAGED).map(([key, value]) => `${key}=${value}`);
  const path = `/api/v1/secrets?limit=1&labelSelector=${encodeURIComponent(label)}`;
  return eventually(
    `no Secret of other scenarios has the label ${label}`,
    async () => ((await api.get(path)).body['items'] as unknown[]).length === 0,
    { within: 120_000, every: 500 },
  );
}
