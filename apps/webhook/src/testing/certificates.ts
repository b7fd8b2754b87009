// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyPair } from '../certificate.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR = 3_600_000;

/** A key that OpenSSL does not serve with. */
export const TINY_RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 512,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
};

type Issue = (algorithm?: typeof ALGORITHM | typeof TINY_RSA) => Promise<KeyPair>;

/** A made-up authority, PEM, and certificates from it for 127.0.0.1. */
export async function testAuthority(): Promise<{ ca: string; issue: Issue }> {
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notAfter = Math.floor(Date.now() / 1_000) * 1_000 + HOUR;
  const shared = {
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - HOUR),
    notAfter: new Date(notAfter),
  };
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...shared,
    name: 'CN=Test authority',
    keys: authorityKeys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const issue: Issue = async (algorithm = ALGORITHM) => {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.create({
      ...shared,
      subject: 'CN=Test webhook',
      issuer: authority.subject,
      signingKey: authorityKeys.privateKey,
      publicKey: keys.publicKey,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return {
      cert: certificate.toString('pem'),
      key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`,
      notAfter,
    };
  };
  return { ca: authority.toString('pem'), issue };
}
