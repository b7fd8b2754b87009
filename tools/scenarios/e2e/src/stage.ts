import { randomBytes } from 'node:crypto';
import {
  startEmbedded,
  startRealCluster,
  type ApiAnswer,
  type Cluster,
  type KubernetesObject,
} from '@ecr-anywhere/local-installation';
import { size } from './form.ts';

export const onRealCluster = process.env['CLUSTER'] === 'real';

export type ListOrder = 'keys' | 'writes';

/**
 * The orders of lists to test. A real API server has only the order of its storage.
 * Tests that do not depend on the order run with the first one.
 */
export const listOrders: readonly ListOrder[] = onRealCluster
  ? ['keys']
  : size(['keys', 'writes'], ['writes']);

/** The API server that the scenarios run on: the embedded one, or a real one with `CLUSTER=real`. */
export function startCluster(listOrder: ListOrder = 'keys'): Promise<Cluster> {
  return onRealCluster ? startRealCluster() : startEmbedded({ listOrder });
}

export const MANAGED = { 'ecr-anywhere.centml.ai/managed': 'true' };
export const ENABLED = { 'ecr-anywhere.centml.ai/namespace': 'enabled' };
/** The prefix of the names of all stages. */
export const SCENARIO = 'scenario-';
const PREFIX = 'ecr-anywhere.centml.ai/';
const KEY = '.dockerconfigjson';

/** A namespace for one scenario, and operations on its Secrets. */
export interface Stage {
  readonly namespace: string;
  readonly path: string;
  write(secret: KubernetesObject): Promise<ApiAnswer>;
  /** The README's `FAKE` Secret. */
  writeFake(name: string): Promise<ApiAnswer>;
  read(name: string): Promise<KubernetesObject>;
  /** Changes annotations as `kubectl annotate` does. */
  annotate(name: string, annotations: Record<string, string | null>): Promise<ApiAnswer>;
}

/** Makes names unique: spec files can share a cluster, and a namespace takes time to be deleted. */
const RUN = randomBytes(3).toString('hex');
let stages = 0;

export async function stageOn(
  cluster: Pick<Cluster, 'api'>,
  labels: Record<string, string> = ENABLED,
): Promise<Stage> {
  const namespace = `${SCENARIO}${RUN}-${++stages}`;
  const created = await cluster.api.create('/api/v1/namespaces', { metadata: { name: namespace, labels } });
  if (created.status !== 201) throw new Error(created.body.message);
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const write = (secret: KubernetesObject) => cluster.api.create(path, secret);
  return {
    namespace,
    path,
    write,
    writeFake: (name) => write(fakeSecret(name)),
    async read(name) {
      const { status, body } = await cluster.api.get(`${path}/${name}`);
      if (status !== 200) throw new Error(`${name}: ${body.message}`);
      return body;
    },
    annotate: (name, annotations) =>
      cluster.api.patch(`${path}/${name}`, {
        metadata: {
          annotations: Object.fromEntries(
            Object.entries(annotations).map(([key, value]) => [PREFIX + key, value]),
          ),
        },
      }),
  };
}

export function fakeSecret(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: MANAGED },
    type: 'kubernetes.io/dockerconfigjson',
    data: { [KEY]: 'FAKE' },
  };
}

export function annotation(secret: KubernetesObject, name: string): string | undefined {
  return secret.metadata?.annotations?.[PREFIX + name];
}

/** The password for a registry in a pull Secret. */
export function passwordFor(host: string, secret: KubernetesObject): string | undefined {
  const { auth } = auths(secret)[host] ?? {};
  return auth === undefined ? undefined : Buffer.from(auth, 'base64').toString().replace(/^AWS:/, '');
}

/** The `auths` of a pull Secret; empty if it has none. */
export function auths(secret: KubernetesObject): Record<string, { readonly auth: string }> {
  const text = Buffer.from(secret.data?.[KEY] ?? '', 'base64').toString();
  try {
    return (JSON.parse(text) as { auths: ReturnType<typeof auths> }).auths;
  } catch {
    return {};
  }
}
