import { eventually } from '@ecr-anywhere/local-installation';
import type { InstalledCluster } from './cluster.ts';
import { IMAGES } from './images.ts';

/** The account and region in the names of the images in the original product's README. */
export const ACCOUNT = '544849402588';
export const REGION = 'us-east-1';
export const REGISTRY_HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;

/** The port of each node at which the registry answers. Nodes must use it as a mirror for {@link REGISTRY_HOST}. */
export const REGISTRY_NODE_PORT = 30500;

const NAMESPACE = 'aws';
const PORT = 4566;

/** A request to the registry. */
export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The id of its token. The id does not reveal the token. */
  readonly token?: string;
}

/** The stand-in for ECR, STS and the registry, as a Pod. */
export interface AwsInCluster {
  /** For `AWS_ENDPOINT_URL` of pods. */
  readonly endpoint: string;
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  calls(): Promise<Readonly<Record<string, number>>>;
  resetCalls(): Promise<void>;
  registryRequests(): Promise<readonly RegistryRequest[]>;
  /** From now on, all AWS calls fail in this way. */
  fail(kind: 'reset' | 'throttle' | 'access-denied'): Promise<void>;
  setTokenLifetime(milliseconds: number): Promise<void>;
  /** Resets faults, token lifetime and counters. */
  reset(): Promise<void>;
}

/** Starts the stand-in if it does not run yet. */
export async function startAws(cluster: InstalledCluster): Promise<AwsInCluster> {
  const { api } = cluster;
  await cluster.apply(...objects());
  await cluster.kubectl(['-n', NAMESPACE, 'wait', '--for=condition=Ready', 'pod/aws', '--timeout=120s']);
  const control = `/api/v1/namespaces/${NAMESPACE}/services/http:aws:${PORT}/proxy/_emulator`;
  const get = async (what: string) => {
    const { status, body } = await api.get(`${control}/${what}`);
    if (status !== 200) throw new Error(`The AWS emulator answered ${status}: ${body.message}`);
    return body;
  };
  const order = async (what: string, content: object) => {
    const { status, body } = await api.replace(`${control}/${what}`, { ...content });
    if (status !== 200) throw new Error(`The AWS emulator refused: ${body.message}`);
  };
  const forget = async (what: string) => {
    const { status, body } = await api.delete(`${control}/${what}`);
    if (status !== 200) throw new Error(`The AWS emulator refused: ${body.message}`);
  };
  const info = await eventually('the AWS emulator answers', () => get('info'), { within: 30_000 });
  const setTokenLifetime = (milliseconds: number) => order('token-lifetime', { milliseconds });
  return {
    endpoint: `http://aws.${NAMESPACE}.svc:${PORT}`,
    keys: info['accessKeys'] as AwsInCluster['keys'],
    calls: async () => (await get('calls'))['calls'] as Record<string, number>,
    resetCalls: () => forget('calls'),
    registryRequests: async () => (await get('registry'))['requests'] as RegistryRequest[],
    fail: (kind) => order('fault', { fault: { kind } }),
    setTokenLifetime,
    async reset() {
      await order('fault', {});
      await setTokenLifetime(12 * 3_600_000);
      await forget('calls');
      await forget('registry');
    },
  };
}

function objects() {
  const metadata = { name: 'aws', namespace: NAMESPACE, labels: { app: 'aws' } };
  const environment = { HOST: '0.0.0.0', PORT: String(PORT), ACCOUNT, REGION };
  const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
  const image = `${IMAGES.repository}-aws-emulator:${IMAGES.tag}`;
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        automountServiceAccountToken: false,
        containers: [{ name: 'aws', image, imagePullPolicy: IMAGES.imagePullPolicy, env }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'NodePort',
        selector: { app: 'aws' },
        ports: [{ port: PORT, nodePort: REGISTRY_NODE_PORT }],
      },
    },
  ];
}
