// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import type { Validity } from '../certificate/certificate-choice.ts';
import type { KeyPair } from '../certificate/key-pair.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR = 3_600_000;

/** A key that OpenSSL does not serve with. */
export const TINY_RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 512,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
};

/** What is special about a certificate; by default it is valid from an hour ago for two hours. */
export interface IssueOptions extends Partial<Validity> {
  readonly algorithm?: typeof ALGORITHM | typeof TINY_RSA;
}

const LOOPBACK = new SubjectAlternativeNameExtension([
  { type: 'ip', value: '127.0.0.1' },
  { type: 'dns', value: 'localhost' },
]);

/** A made-up authority, PEM, and certificates from it for localhost. */
export interface TestAuthority {
  readonly ca: string;
  readonly keys: webcrypto.CryptoKeyPair;
  issue(options?: IssueOptions): Promise<KeyPair>;
  /** One below it, whose certificate stands in the chains of what it issues. */
  intermediate(options?: Partial<Validity> & { keys?: webcrypto.CryptoKeyPair }): Promise<TestAuthority>;
}

export async function testAuthority(validity: Partial<Validity> = {}): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test authority',
    keys,
    signingAlgorithm: ALGORITHM,
    ...dates(validity),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return authorityOf(certificate, keys, '');
}

function authorityOf(
  certificate: X509Certificate,
  authorityKeys: webcrypto.CryptoKeyPair,
  chain: string,
): TestAuthority {
  const signed = {
    issuer: certificate.subject,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
  };
  return {
    ca: certificate.toString('pem'),
    keys: authorityKeys,
    async issue({ algorithm = ALGORITHM, ...validity } = {}) {
      const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const { notBefore, notAfter } = dates(validity);
      const leaf = await X509CertificateGenerator.create({
        ...signed,
        notBefore,
        notAfter,
        subject: 'CN=Test webhook',
        publicKey: keys.publicKey,
        extensions: [LOOPBACK],
      });
      const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
      return {
        cert: leaf.toString('pem') + chain,
        key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`,
        notBefore: notBefore.getTime(),
        notAfter: notAfter.getTime(),
      };
    },
    async intermediate({ keys: given, ...validity } = {}) {
      const keys = given ?? (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']));
      const below = await X509CertificateGenerator.create({
        ...signed,
        ...dates(validity),
        subject: 'CN=Test intermediate',
        publicKey: keys.publicKey,
        extensions: [new BasicConstraintsExtension(true, undefined, true)],
      });
      return authorityOf(below, keys, `\n${below.toString('pem')}${chain}`);
    },
  };
}

/** Certificates know no milliseconds. */
function dates({ notBefore = Date.now() - HOUR, notAfter = Date.now() + HOUR }: Partial<Validity>) {
  const whole = (time: number) => new Date(Math.floor(time / 1_000) * 1_000);
  return { notBefore: whole(notBefore), notAfter: whole(notAfter) };
}
