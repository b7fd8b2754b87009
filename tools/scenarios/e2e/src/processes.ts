import {
  install,
  startFaultyEmbedded,
  startRealCluster,
  withFaults,
  type Cluster,
  type Installation,
} from '@ecr-anywhere/local-installation';
import type {
  Platform,
  ScenarioCluster,
  ScenarioInstallation,
  ScenarioOptions,
} from './scenario-platform.ts';
import { listOrders, onRealCluster, startCluster } from './stage.ts';

/** The programs as processes of this machine, with the embedded cluster or a kube-apiserver. */
export const processes: Platform = {
  largeRun: onRealCluster ? 2_000 : 600, // more than one page of 500
  hasFaults: true,
  listOrders,
  startCluster: async (listOrder) => installable(await startCluster(listOrder)),
  async startFaultyCluster(listOrder = 'keys') {
    const cluster = onRealCluster
      ? await withFaults(await startRealCluster())
      : await startFaultyEmbedded({ listOrder });
    return { ...installable(cluster), fault: cluster.fault };
  },
};

function installable(cluster: Cluster): ScenarioCluster {
  return {
    api: cluster.api,
    stop: () => cluster.stop(),
    install: async ({ registryHosts = [] }: ScenarioOptions = {}) =>
      asScenario(await install(cluster, { env: { REGISTRY_HOSTS: registryHosts.join(',') } })),
  };
}

function asScenario(installation: Installation): ScenarioInstallation {
  const { aws, replicas, refresh, uninstall } = installation;
  return {
    aws: {
      registryHost: aws.registryHost,
      registryUrl: aws.registryUrl,
      accessKeys: aws.accessKeys,
      calls: async () => aws.calls(),
      resetCalls: async () => aws.resetCalls(),
    },
    refresh,
    async startRefresher(args) {
      const { program, run } = await installation.startRefresher(args);
      return { run, end: async () => program.signal('SIGTERM') };
    },
    webhookOutput: async () => replicas.flatMap(({ program }) => [...program.output, ...program.errors]),
    async stopWebhook() {
      for (const replica of [...replicas]) await installation.removeReplica(replica);
    },
    async startWebhook() {
      await installation.addReplica();
    },
    uninstall,
  };
}
