import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, type ConnectionOptions } from 'node:tls';
import type { ClientCertificate } from '../credentials/credentials.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import type { Trust } from '../kubeconfig/access.ts';

/**
 * The options for TLS with a server.
 *
 * @param ca - the content of `trust.ca`, PEM
 * @throws AccessError if a certificate or a key is invalid
 */
export function tlsOptions(
  trust: Trust,
  ca: string | undefined,
  certificate: ClientCertificate | undefined,
): ConnectionOptions {
  const { serverName, skipsVerification } = trust;
  return {
    rejectUnauthorized: !skipsVerification,
    secureContext: createSecureContext({
      ...(ca !== undefined && { ca: certificatesIn(ca, `${trust.ca?.field}`) }),
      ...(certificate && keyPair(certificate)),
    }),
    ...(serverName !== undefined && {
      // TLS allows no addresses in this field.
      servername: isIP(serverName) === 0 ? serverName : '',
      checkServerIdentity: (_, presented) => checkServerIdentity(serverName, presented),
    }),
  };
}

function keyPair({ cert, key }: ClientCertificate): { cert: string; key: string } {
  certificatesIn(cert.pem, cert.field);
  try {
    createSecureContext({ cert: cert.pem, key: key.pem });
    return { cert: cert.pem, key: key.pem };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = /ENCRYPTED/.test(key.pem)
      ? 'the key is encrypted; decrypt it'
      : `the key cannot be used with the certificate (${code ?? message})`;
    throw new AccessError(`${key.field}: ${why}`);
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The valid certificates of a PEM. OpenSSL would stop at an invalid one, and ignore those after it. */
function certificatesIn(pem: string, field: string): string[] {
  const certificates = (pem.match(CERTIFICATE) ?? []).filter(isCertificate);
  if (certificates.length === 0) throw new AccessError(`${field}: it contains no certificate`);
  return certificates;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
