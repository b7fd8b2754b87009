import {
  kubernetesApi,
  type Connection,
  type KubernetesApi,
  type KubernetesObject,
} from '@ecr-anywhere/local-installation';
import { attempt, command, type CommandOptions, type Ended } from './command.ts';

/** The cluster that KUBECONFIG names: the testbed, or one that the user brings. */
export interface InstalledCluster {
  readonly connection: Connection;
  readonly api: KubernetesApi;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Runs a command that may fail. */
  tryKubectl(args: readonly string[], input?: string): Promise<Ended>;
  helm(args: readonly string[], options?: CommandOptions): Promise<string>;
  tryHelm(args: readonly string[], options?: CommandOptions): Promise<Ended>;
  apply(...objects: KubernetesObject[]): Promise<void>;
  close(): Promise<void>;
}

interface KubeConfigView {
  readonly clusters: { cluster: { server: string; 'certificate-authority-data'?: string } }[];
  readonly users: { user: { 'client-certificate-data'?: string; 'client-key-data'?: string } }[];
}

/** On the testbed, a test can stop and restart the programs of the cluster. */
export const onTestbed = process.env['TESTBED'] === '1';

/** Connects as the user of the current context. The user needs a client certificate, as in kind and kubeadm clusters. */
export async function connectCluster(): Promise<InstalledCluster> {
  const view = ['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'];
  const { clusters, users } = JSON.parse(await command('kubectl', view)) as KubeConfigView;
  const { server = '', 'certificate-authority-data': ca } = clusters[0]?.cluster ?? {};
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0]?.user ?? {};
  const connection = { url: server, ...pem('ca', ca), ...pem('cert', cert), ...pem('key', key) };
  const api = kubernetesApi(connection);
  return {
    connection,
    api,
    kubectl: (args, input) => command('kubectl', args, { input }),
    tryKubectl: (args, input) => attempt('kubectl', args, { input }),
    helm: (args, options) => command(HELM, args, options),
    tryHelm: (args, options) => attempt(HELM, args, options),
    async apply(...items) {
      const list = { apiVersion: 'v1', kind: 'List', items };
      await command('kubectl', ['apply', '-f', '-'], { input: JSON.stringify(list) });
    },
    close: () => api.close(),
  };
}

/** `HELM=helm4` runs the same scenarios with Helm 4. */
const HELM = process.env['HELM'] || 'helm';

function pem(name: 'ca' | 'cert' | 'key', base64: string | undefined) {
  return base64 === undefined ? {} : { [name]: Buffer.from(base64, 'base64').toString() };
}
