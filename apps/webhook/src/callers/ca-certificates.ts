import { X509Certificate } from 'node:crypto';

const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The certificates in a PEM. OpenSSL would stop at the first one that it cannot read, and then trust fewer than were given.
 *
 * @param name - what messages call the PEM, such as the path of its file
 * @throws Error that begins with the name
 */
export function caCertificates(pem: string, name: string): readonly [X509Certificate, ...X509Certificate[]] {
  const [first, ...others] = (pem.match(PEM) ?? []).map((text, index) =>
    parse(text, `${name} holds a certificate that cannot be read (number ${index + 1})`),
  );
  if (first === undefined) throw new Error(`${name} holds no certificate`);
  return [first, ...others];
}

/** OpenSSL's own message may quote the text. */
function parse(text: string, problem: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw new Error(problem);
  }
}

/** The PEM of certificates, without what else stood around them. */
export function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map(String).join('');
}
