import type { Plugin } from '../kubeconfig/access.ts';
import { readSource } from '../kubeconfig/source.ts';

/** The reserved name of the extension in which a cluster has data for plugins. */
const EXTENSION = 'client.authentication.k8s.io/exec';

/**
 * What a plugin finds in KUBERNETES_EXEC_INFO: whether it may ask the user, and about the cluster if it wants to know.
 *
 * @throws AccessError if the cluster's CA cannot be read
 */
export function execInfo({ exec, cluster }: Plugin, isInteractive: boolean): string {
  const { apiVersion, provideClusterInfo } = exec;
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion,
    spec: { ...(provideClusterInfo && { cluster: clusterInfo(cluster) }), interactive: isInteractive },
  });
}

function clusterInfo({ value, ca }: Plugin['cluster']) {
  const pem = ca && readSource(ca);
  return {
    server: value.server?.replace(/[?#].*/, ''),
    'tls-server-name': value['tls-server-name'],
    'insecure-skip-tls-verify': value['insecure-skip-tls-verify'] || undefined,
    'certificate-authority-data': pem && Buffer.from(pem).toString('base64'),
    'proxy-url': value['proxy-url'],
    'disable-compression': value['disable-compression'] || undefined,
    config: value.extensions.find(({ name }) => name === EXTENSION)?.extension ?? null,
  };
}
