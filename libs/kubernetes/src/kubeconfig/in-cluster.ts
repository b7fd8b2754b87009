import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { readRegularFile } from '../files/read-file.ts';
import type { Access } from './access.ts';
import type { Environment } from './load-kubeconfig.ts';
import { readSource } from './source.ts';

/** Where Kubernetes mounts the service account of a Pod. */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The access of a Pod to the API server of its own cluster, with its service account. Proxies of the environment are not
 * used: they are for servers outside the cluster.
 *
 * @returns undefined if this process does not run in a Pod
 * @throws AccessError if the Pod has no service account
 */
export function inClusterAccess(env: Environment, folder: string): Access | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) return undefined;
  const tokenFile = { field: 'the service account', file: join(folder, 'token') };
  readSource(tokenFile);
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    trust: {
      ca: { field: 'the service account', file: join(folder, 'ca.crt') },
      serverName: undefined,
      skipsVerification: false,
      where: 'the service account',
    },
    proxy: undefined,
    identity: { tokenFile },
    namespace: env['POD_NAMESPACE'] || namespaceIn(folder) || 'default',
  };
}

function namespaceIn(folder: string): string | undefined {
  try {
    return readRegularFile(join(folder, 'namespace')).trim();
  } catch {
    return undefined;
  }
}
