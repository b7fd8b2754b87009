import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, type ConnectionOptions } from 'node:tls';
import type { ClientCertificate } from '../credentials/credentials.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import type { Trust } from '../kubeconfig/access.ts';

/**
 * How to speak TLS with a server.
 *
 * @param ca - PEM, read of `trust.ca`
 * @throws AccessError where a certificate or a key is none
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
      // TLS has no way to ask for an address.
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

/** Those that are certificates. OpenSSL would stop at one that is none, and trust nobody in the end. */
function certificatesIn(pem: string, field: string): string[] {
  const certificates = (pem.match(CERTIFICATE) ?? []).filter(isCertificate);
  if (certificates.length === 0) throw new AccessError(`${field}: it holds no certificate`);
  return certificates;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
