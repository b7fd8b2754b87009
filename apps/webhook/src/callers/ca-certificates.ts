import { X509Certificate } from 'node:crypto';

const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The certificates in a PEM. OpenSSL would stop at the first one that it cannot read, and then trust fewer than were given.
 *
 * @throws Error, whose message continues a sentence that begins with the name of the PEM
 */
export function caCertificates(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const [first, ...others] = (pem.match(PEM) ?? []).map(parse);
  if (first === undefined) throw new Error('holds no certificate');
  return [first, ...others];
}

/** OpenSSL's own message may quote the text. */
function parse(text: string, index: number): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw new Error(`holds a certificate that cannot be read (number ${index + 1})`);
  }
}

/** The PEM of certificates, without what else stood around them. */
export function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map(String).join('');
}
