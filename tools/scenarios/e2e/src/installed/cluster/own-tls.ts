import { createCertificateAuthority } from '@ecr-anywhere/local-installation';
import type { InstalledCluster } from './cluster.ts';

/** Creates a TLS Secret for a host, as a user without cert-manager would. @returns the CA as a `caBundle` */
export async function applyOwnTls(
  cluster: InstalledCluster,
  secret: { readonly name: string; readonly namespace: string },
  host: string,
): Promise<string> {
  const authority = await createCertificateAuthority('of-the-user');
  const { cert, key } = await authority.issue({ names: [host] });
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: secret,
    stringData: { 'tls.crt': cert, 'tls.key': key },
  });
  return Buffer.from(authority.cert).toString('base64');
}
