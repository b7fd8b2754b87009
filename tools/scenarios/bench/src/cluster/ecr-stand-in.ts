import { eventually } from '@ecr-anywhere/local-installation';
import { image, IMAGES } from './images.ts';
import type { Testbed } from './testbed.ts';

const NAMESPACE = 'aws';
const PORT = 4566;
const REGION = 'us-east-1';

/** A stand-in for ECR that answers slowly, as a Pod. */
export interface EcrStandIn {
  /** Environment variables that make the webhook use it. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** The number of token requests so far. */
  calls(): Promise<number>;
}

export async function startEcrStandIn(testbed: Testbed, latency: number): Promise<EcrStandIn> {
  const { api } = testbed;
  await testbed.apply(...objects());
  await testbed.kubectl(['-n', NAMESPACE, 'wait', '--for=condition=Ready', 'pod/aws', '--timeout=120s']);
  const control = `/api/v1/namespaces/${NAMESPACE}/services/http:aws:${PORT}/proxy/_emulator`;
  const get = async (what: string) => {
    const { status, body } = await api.get(`${control}/${what}`);
    if (status !== 200) throw new Error(`The AWS emulator answered ${status}: ${body.message}`);
    return body;
  };
  const info = await eventually('the AWS emulator answers', () => get('info'), { within: 30_000 });
  const keys = info['accessKeys'] as { accessKeyId: string; secretAccessKey: string };
  const { status, body } = await api.replace(`${control}/fault`, {
    fault: { kind: 'latency', milliseconds: latency },
  });
  if (status !== 200) throw new Error(`The AWS emulator refused: ${body.message}`);
  const environment = {
    AWS_ENDPOINT_URL: `http://aws.${NAMESPACE}.svc:${PORT}`,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_REGION: REGION,
  };
  return {
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    calls: async () =>
      ((await get('calls'))['calls'] as Record<string, number>)['GetAuthorizationToken'] ?? 0,
  };
}

function objects() {
  const metadata = { name: 'aws', namespace: NAMESPACE, labels: { app: 'aws' } };
  const environment = { HOST: '0.0.0.0', PORT: String(PORT), REGION };
  const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
  const container = {
    name: 'aws',
    image: image('aws-emulator'),
    imagePullPolicy: IMAGES.imagePullPolicy,
    env,
  };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { automountServiceAccountToken: false, containers: [container] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: 'aws' }, ports: [{ port: PORT }] },
    },
  ];
}
