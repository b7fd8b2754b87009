// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A made-up authority, PEM, and a server's certificate from it for some DNS names or IP addresses. */
export function certificatesFor(...names: string[]): Promise<Certificates> {
  return certificates(names, Date.now() + HOUR);
}

/** The same, but that the server's has ended. */
export function expiredCertificatesFor(...names: string[]): Promise<Certificates> {
  return certificates(names, Date.now() - 60_000);
}

interface Certificates {
  readonly ca: string;
  readonly server: Certificate;
}

const HOUR = 3_600_000;

async function certificates(names: readonly string[], end: number): Promise<Certificates> {
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const times = { notBefore: new Date(Date.now() - HOUR), notAfter: new Date(Date.now() + HOUR) };
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...times,
    name: 'CN=Test authority',
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const server = await X509CertificateGenerator.create({
    ...times,
    notAfter: new Date(end),
    subject: 'CN=Test server',
    issuer: authority.subject,
    signingKey: authorityKeys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    ca: authority.toString('pem'),
    server: {
      cert: server.toString('pem'),
      key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`,
    },
  };
}
