import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Validity } from './certificate-choice.ts';

/** A certificate and its key as PEM, and when clients accept them: while the whole chain is valid. */
export interface KeyPair extends Validity {
  readonly cert: string;
  readonly key: string;
}

/** The paths of the files. */
export interface KeyPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Makes a key pair of the content of two files.
 *
 * @throws Error that names the file and says why a server cannot use them
 */
export function keyPair(cert: string, key: string, { certFile, keyFile }: KeyPairFiles): KeyPair {
  const certificate = attempt(() => new X509Certificate(cert), `${certFile} holds no certificate`);
  const belongs = attempt(
    () => certificate.checkPrivateKey(createPrivateKey(key)),
    `${keyFile} holds no private key`,
  );
  if (!belongs) throw new Error(`${certFile} and ${keyFile} do not belong together`);
  try {
    // As the server does it: this finds a chain that is cut off, and keys that are too small.
    createSecureContext({ cert, key });
    return { cert, key, ...validityOf(certificate, issuersIn(cert)) };
  } catch (error) {
    throw new Error(`${certFile} and ${keyFile} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** OpenSSL's own message may quote the file. */
function attempt<T>(read: () => T, problem: string): T {
  try {
    return read();
  } catch {
    throw new Error(problem);
  }
}

const PEM = /-----BEGIN (.*CERTIFICATE)-----[^-]+-----END \1-----/g;

/** The certificates that can sign others. Roots are left out: clients have their own. */
function issuersIn(cert: string): X509Certificate[] {
  const all = (cert.match(PEM) ?? []).map((text) => new X509Certificate(text));
  return all.filter((one) => !one.checkIssued(one));
}

/**
 * When a certificate and its issuers are all valid. After the renewal of a CA, a certificate can have several issuers
 * with the same key: clients take one that is valid.
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
