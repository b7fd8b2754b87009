// @peculiar/x509 uses decorators, which need this import before it.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR = 3_600_000;

/** A certificate and its key, PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A CA for tests. */
export interface TestAuthority {
  /** PEM. */
  readonly ca: string;
  /** @param names - the DNS names and addresses of a server */
  issue(commonName: string, names?: readonly string[]): Promise<KeyPair>;
}

export async function testAuthority(name: string): Promise<TestAuthority> {
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const shared = {
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - HOUR),
    notAfter: new Date(Date.now() + HOUR),
  };
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...shared,
    name: `CN=${name}`,
    keys: authorityKeys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    ca: authority.toString('pem'),
    async issue(commonName, names = []) {
      const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      const certificate = await X509CertificateGenerator.create({
        ...shared,
        subject: `CN=${commonName}`,
        issuer: authority.subject,
        signingKey: authorityKeys.privateKey,
        publicKey: keys.publicKey,
        extensions:
          names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names.map(alternativeName))],
      });
      const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
      const lines = pkcs8
        .toString('base64')
        .match(/.{1,64}/g)
        ?.join('\n');
      return {
        cert: certificate.toString('pem'),
        key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
      };
    },
  };
}

function alternativeName(value: string) {
  return { type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const), value };
}
