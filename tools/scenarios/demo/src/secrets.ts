import type { ApiAnswer, Installation, KubernetesObject } from '@ecr-anywhere/local-installation';

export const NAMESPACE = 'test';
export const MANAGED = { 'ecr-anywhere.centml.ai/managed': 'true' };
const KEY = '.dockerconfigjson';

/** The Secret of the README. Its content does not matter. */
export function fakeSecret(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE, labels: MANAGED },
    type: 'kubernetes.io/dockerconfigjson',
    data: { [KEY]: 'FAKE' },
  };
}

export function applyNamespace({ cluster }: Pick<Installation, 'cluster'>): Promise<ApiAnswer> {
  return cluster.api.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE, labels: { 'ecr-anywhere.centml.ai/namespace': 'enabled' } },
  });
}

export function applySecret(
  { cluster }: Pick<Installation, 'cluster'>,
  name: string,
  annotations: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  const secret = fakeSecret(name);
  return cluster.api.create(`/api/v1/namespaces/${NAMESPACE}/secrets`, {
    ...secret,
    metadata: { ...secret.metadata, annotations },
  });
}

export async function readSecret(
  { cluster }: Pick<Installation, 'cluster'>,
  name: string,
): Promise<KubernetesObject> {
  const { status, body } = await cluster.api.get(`/api/v1/namespaces/${NAMESPACE}/secrets/${name}`);
  if (status !== 200) throw new Error(`Secret ${name}: ${body.message}`);
  return body;
}

/** The credentials that kubelet would use for `host`. */
export function credentialsFor(
  secret: KubernetesObject,
  host: string,
): { username: string; password: string } {
  const config = JSON.parse(Buffer.from(secret.data?.[KEY] ?? '', 'base64').toString()) as {
    auths: Record<string, { auth: string }>;
  };
  const entry = config.auths[host];
  if (entry === undefined)
    throw new Error(`No credentials for ${host}, only for ${Object.keys(config.auths)}`);
  const [username = '', ...password] = Buffer.from(entry.auth, 'base64').toString().split(':');
  return { username, password: password.join(':') };
}

export function annotation(secret: KubernetesObject, name: 'expires_at' | 'updated_at'): string {
  return secret.metadata?.annotations?.[`ecr-anywhere.centml.ai/${name}`] ?? '';
}

/** Milliseconds until the Secret's credentials expire. */
export function lifeLeft(secret: KubernetesObject): number {
  return Date.parse(annotation(secret, 'expires_at')) - Date.now();
}

/** The answer, as `kubectl create -f FILE` prints it. */
export function asKubectl(
  { status, body: { reason, message = '' } }: ApiAnswer,
  file = 'secret.yaml',
): string {
  if (status < 300) return 'created';
  if (reason !== 'Invalid') return `Error from server (${reason}): error when creating "${file}": ${message}`;
  // With an object that does not pass the API server's own validation, its name comes first.
  return message.startsWith('Secret ')
    ? `The ${message}`
    : `The request is invalid: error when creating "${file}": ${message}`;
}
