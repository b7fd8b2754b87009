/**
 * A kubeconfig for the embedded cluster, as text. Nobody is asked who he is there.
 *
 * @param ca PEM of what an HTTPS server is verified with
 */
export function kubeconfig(url: string, ca?: string): string {
  const cluster = {
    server: url,
    // Without it, client-node speaks no plain HTTP.
    ...(url.startsWith('http:') && { 'insecure-skip-tls-verify': true }),
    ...(ca !== undefined && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'embedded', cluster }],
    users: [{ name: 'admin', user: {} }],
    contexts: [{ name: 'embedded', context: { cluster: 'embedded', user: 'admin' } }],
    'current-context': 'embedded',
  });
}
