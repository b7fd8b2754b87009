import type { Connection, KubernetesApi } from './kubernetes-api.ts';

/** An API server to install ECR Anywhere on. */
export interface Cluster {
  readonly connection: Connection;
  readonly api: KubernetesApi;
  /** The path of a kubeconfig for the cluster's administrator. */
  readonly kubeconfigFile: string;
  stop(): Promise<void>;
}

/** A kubeconfig with inline certificates. The user has a client certificate, or a token. */
export function kubeconfig({ url, ca, cert, key, token }: Connection): string {
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
