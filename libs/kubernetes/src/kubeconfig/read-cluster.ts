import type { Access, Trust } from './access.ts';
import { AccessError } from './access-error.ts';
import type { Cluster } from './kubeconfig-schema.ts';
import type { Environment } from './load-kubeconfig.ts';
import { proxyFromEnvironment, proxyOfField } from './proxy.ts';
import { sourceOf } from './source.ts';

/**
 * Finds the server of a cluster, how to verify it, and the proxy.
 *
 * @param where - the file and the name of the cluster, for messages
 * @throws AccessError
 */
export function readCluster(
  cluster: Cluster,
  where: string,
  env: Environment,
): Pick<Access, 'server' | 'trust' | 'proxy'> {
  const server = serverOf(cluster, where);
  const text = cluster['proxy-url'];
  const proxy =
    text === undefined ? proxyFromEnvironment(server, env) : proxyOfField(text, `${where}: proxy-url`);
  return { server, trust: trustOf(cluster, where), proxy };
}

function serverOf({ server }: Cluster, where: string): URL {
  if (server === undefined) throw new AccessError(`${where}: server: it is not set`);
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new AccessError(`${where}: server: expected a URL with http:// or https://`);
  if (url.username !== '' || url.password !== '')
    throw new AccessError(
      `${where}: server: a name and a password in the URL are not supported; set them for the user`,
    );
  url.search = '';
  url.hash = '';
  return url;
}

function trustOf(cluster: Cluster, where: string): Trust {
  const serverName = cluster['tls-server-name'];
  const skipsVerification = cluster['insecure-skip-tls-verify'];
  const ca = sourceOf(where, 'certificate-authority', cluster);
  if (ca !== undefined && skipsVerification)
    throw new AccessError(
      `${where}: insecure-skip-tls-verify and certificate-authority must not be set together`,
    );
  return { ca, serverName, skipsVerification, where };
}
