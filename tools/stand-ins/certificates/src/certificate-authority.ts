// @peculiar/x509 uses decorators, which need this import first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate, and when it is valid: milliseconds since the epoch, whole seconds. */
export interface IssuedCertificate extends Certificate {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** When a certificate is valid. */
export interface ValidityOptions {
  /** When it ends, in milliseconds from now. */
  readonly lifetime?: number;
  /** When it begins, in milliseconds from now; an hour ago by default. */
  readonly validIn?: number;
}

/** A certificate for servers and clients. It is valid for an hour by default. */
export interface LeafOptions extends ValidityOptions {
  /** DNS names and IP addresses; those of loopback by default. */
  readonly names?: readonly string[];
  /** Such as `O=system:masters,CN=admin`. */
  readonly subject?: string;
  readonly algorithm?: Algorithm;
  /** What it may be used for; both by default. */
  readonly usages?: readonly ('serverAuth' | 'clientAuth')[];
}

/** Issues certificates. Its own certificate is valid for a day by default. */
export interface CertificateAuthority extends Certificate {
  readonly keys: webcrypto.CryptoKeyPair;
  issue(options?: LeafOptions): Promise<IssuedCertificate>;
  /**
   * An authority below this one. In the certificates that it issues, `cert` has the whole chain.
   *
   * @param options.keys for another certificate with the keys of another intermediate
   */
  intermediate(options?: ValidityOptions & { keys?: webcrypto.CryptoKeyPair }): Promise<CertificateAuthority>;
}

type Algorithm = typeof ECDSA | typeof TINY_RSA;

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR = 3_600_000;

/** A key that OpenSSL does not accept for a server. */
export const TINY_RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 512,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
};

const BOTH = ['serverAuth', 'clientAuth'] as const;

const OF_AN_AUTHORITY = [
  new BasicConstraintsExtension(true, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
];

/** A new authority with a self-signed certificate. */
export async function createCertificateAuthority(
  name: string,
  { lifetime = 24 * HOUR, validIn }: ValidityOptions = {},
): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ECDSA,
    ...dates(lifetime, validIn),
    extensions: OF_AN_AUTHORITY,
  });
  return authority(certificate, keys, '');
}

/** A new authority, and a server's certificate from it for some DNS names or IP addresses. */
export async function certificatesFor(
  ...names: readonly string[]
): Promise<{ readonly ca: string; readonly server: Certificate }> {
  const { cert: ca, issue } = await createCertificateAuthority('test');
  const { cert, key } = await issue({ names });
  return { ca, server: { cert, key } };
}

/** @param chain PEM of the intermediates */
async function authority(
  certificate: X509Certificate,
  keys: webcrypto.CryptoKeyPair,
  chain: string,
): Promise<CertificateAuthority> {
  const signed = { issuer: certificate.subject, signingKey: keys.privateKey, signingAlgorithm: ECDSA };
  return {
    cert: pem(certificate),
    key: await privateKey(keys),
    keys,
    async issue({
      names = ['127.0.0.1', 'localhost'],
      subject = `CN=${names[0]}`,
      lifetime = HOUR,
      validIn,
      algorithm = ECDSA,
      usages = BOTH,
    } = {}) {
      const leafKeys = await generateKeys(algorithm);
      const { notBefore, notAfter } = dates(lifetime, validIn);
      const leaf = await X509CertificateGenerator.create({
        ...signed,
        subject,
        notBefore,
        notAfter,
        publicKey: leafKeys.publicKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension(usages.map((usage) => ExtendedKeyUsage[usage])),
          new SubjectAlternativeNameExtension(names.map(generalName)),
        ],
      });
      return {
        cert: pem(leaf) + chain,
        key: await privateKey(leafKeys),
        notBefore: notBefore.getTime(),
        notAfter: notAfter.getTime(),
      };
    },
    async intermediate({ lifetime = 24 * HOUR, validIn, keys: given } = {}) {
      const below = given ?? (await generateKeys());
      const intermediate = await X509CertificateGenerator.create({
        ...signed,
        ...dates(lifetime, validIn),
        subject: 'CN=intermediate',
        publicKey: below.publicKey,
        extensions: OF_AN_AUTHORITY,
      });
      return authority(intermediate, below, pem(intermediate) + chain);
    },
  };
}

function generateKeys(algorithm: Algorithm = ECDSA): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** In whole seconds, as in a certificate. */
function dates(lifetime: number, validIn = -HOUR): { notBefore: Date; notAfter: Date } {
  const inSeconds = (time: number) => new Date(Math.floor((Date.now() + time) / 1_000) * 1_000);
  return { notBefore: inSeconds(validIn), notAfter: inSeconds(lifetime) };
}

function generalName(value: string): { type: 'ip' | 'dns'; value: string } {
  return { type: isIP(value) === 0 ? 'dns' : 'ip', value };
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function privateKey({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${pkcs8.replaceAll(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`;
}
