import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Validity } from './certificate-choice.ts';

/** A certificate and its key that belong together, PEM, and when clients accept them: all of its chain has to be valid. */
export interface KeyPair extends Validity {
  readonly cert: string;
  readonly key: string;
}

/** The names of the files, for messages. */
export interface KeyPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What the content of two files makes: a pair that can be served with, or the reason why it makes none. */
export function keyPair(cert: string, key: string, { certFile, keyFile }: KeyPairFiles): KeyPair | string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return `${certFile} holds no certificate`;
  }
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      return `${certFile} and ${keyFile} do not belong together`;
  } catch {
    return `${keyFile} holds no private key`;
  }
  try {
    // What a server makes of them: the rest of a chain that was half written, and keys that are too small.
    createSecureContext({ cert, key });
    return { cert, key, ...validityOf(certificate, issuersIn(cert)) };
  } catch (error) {
    return `${certFile} and ${keyFile} cannot be used: ${(error as Error).message}`;
  }
}

const PEM = /-----BEGIN (.*CERTIFICATE)-----[^-]+-----END \1-----/g;

/** Those that may vouch for others. Roots do not: clients have their own. */
function issuersIn(cert: string): X509Certificate[] {
  const all = (cert.match(PEM) ?? []).map((text) => new X509Certificate(text));
  return all.filter((one) => !one.checkIssued(one));
}

/**
 * That of a certificate and of those that lead up from it. Of several that vouch for the same one, as after the renewal of
 * a CA, clients take one that is valid.
 */
function validityOf(certificate: X509Certificate, issuers: readonly X509Certificate[]): Validity {
  const own = ownValidity(certificate);
  const [issuer] = issuers
    .filter((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey))
    .sort((one, other) => ownValidity(other).notAfter - ownValidity(one).notAfter);
  if (issuer === undefined) return own;
  const rest = issuers.filter((one) => one !== issuer);
  return both(own, validityOf(issuer, rest));
}

function ownValidity({ validFrom, validTo }: X509Certificate): Validity {
  return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
}

function both(one: Validity, other: Validity): Validity {
  return {
    notBefore: Math.max(one.notBefore, other.notBefore),
    notAfter: Math.min(one.notAfter, other.notAfter),
  };
}
