import { spawn } from 'node:child_process';
import { kubernetesApi, type KubernetesApi, type KubernetesObject } from '@ecr-anywhere/local-installation';

/** The cluster of KUBECONFIG, on this machine. `tools/testbed/cluster.sh exec` sets it. */
export interface Testbed {
  readonly api: KubernetesApi;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  helm(args: readonly string[], input?: string): Promise<string>;
  apply(...objects: KubernetesObject[]): Promise<void>;
  /** Waits until all pods of a Deployment are ready. */
  rolledOut(namespace: string, deployment: string): Promise<void>;
}

interface KubeConfigView {
  readonly clusters: readonly { cluster: { server: string; 'certificate-authority-data': string } }[];
  readonly users: readonly { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

/** Connects as the testbed's administrator. */
export async function connectTestbed(): Promise<Testbed> {
  const kubectl = (args: readonly string[], input?: string) => output('kubectl', args, input);
  const view = await kubectl(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']);
  const { clusters, users } = JSON.parse(view) as KubeConfigView;
  const [{ cluster }] = clusters as [KubeConfigView['clusters'][number]];
  const [{ user }] = users as [KubeConfigView['users'][number]];
  const api = kubernetesApi({
    url: cluster.server,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  });
  return {
    api,
    kubectl,
    helm: (args, input) => output('helm', args, input),
    async apply(...items) {
      await kubectl(
        ['apply', '--server-side', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      );
    },
    async rolledOut(namespace, deployment) {
      await kubectl(['-n', namespace, 'rollout', 'status', 'deployment', deployment, '--timeout=120s']);
    },
  };
}

/** Runs a program. @returns its standard output @throws Error if it fails */
function output(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args);
    let printed = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`${program} ${args.join(' ')}: ${errors}${printed}`)),
    );
    child.stdin.on('error', () => undefined); // it may end before it has read everything
    child.stdin.end(input);
  });
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
