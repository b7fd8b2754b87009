import type { Connection, KubernetesApi } from './kubernetes-api.ts';

/** An API server to install ECR Anywhere on. */
export interface Cluster {
  readonly connection: Connection;
  readonly api: KubernetesApi;
  /** A kubeconfig of the cluster's administrator, as a file. */
  readonly kubeconfigFile: string;
  stop(): Promise<void>;
}

/** A kubeconfig with everything inline; with a token in place of a certificate. */
export function kubeconfig({ url, ca, cert, key, token }: Connection & { token?: string }): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'local',
        cluster: {
          server: url,
          ...(ca ? { 'certificate-authority-data': base64(ca) } : { 'insecure-skip-tls-verify': true }),
        },
      },
    ],
    users: [
      {
        name: 'admin',
        user:
          cert && key
            ? { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) }
            : { token },
      },
    ],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin' } }],
    'current-context': 'local',
  });
}
