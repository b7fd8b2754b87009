import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';

/** A certificate and its key that belong together, PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** Where the pair is, and who wants to know. */
export interface CertificateOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly interval: Milliseconds;
  onPair(pair: KeyPair): void;
  /** Told once for each state of the files that cannot be used. */
  onProblem(problem: string): void;
}

/** Follows the files of a certificate. */
export interface CertificateWatch {
  /** Looks now, unless it is looking already: an old look must not come after a newer one. */
  check(): Promise<void>;
  stop(): void;
}

/**
 * Reads the files again and again, and hands on each new pair. Their content is compared, not their times: kubelet swaps
 * a symbolic link two levels up, which file system events do not reliably show. A pair of which one half is already new
 * does not belong together; it is ignored until the other half has come.
 */
export async function watchCertificate(options: CertificateOptions): Promise<CertificateWatch> {
  const { certFile, keyFile, interval, onPair, onProblem } = options;
  let seen = '';

  const look = async () => {
    const { state, result } = await readPair(certFile, keyFile);
    if (state === seen) return;
    seen = state;
    if (typeof result === 'string') onProblem(result);
    else onPair(result);
  };
  let looking: Promise<void> | undefined;
  const check = () => (looking ??= look().finally(() => (looking = undefined)));
  await check();
  const timer = setInterval(() => void check(), interval);
  timer.unref();
  return { check, stop: () => clearInterval(timer) };
}

async function readPair(
  certFile: string,
  keyFile: string,
): Promise<{ state: string; result: KeyPair | string }> {
  try {
    const reads = [readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')] as const;
    await Promise.allSettled(reads); // where both are missing, it is always the same one that is told of
    const [cert, key] = [await reads[0], await reads[1]];
    const state = createHash('sha256').update(cert).update('\0').update(key).digest('hex');
    return { state, result: judge(cert, key, certFile, keyFile) };
  } catch (error) {
    const { code = 'unknown error', path = certFile } = error as NodeJS.ErrnoException;
    const problem = `${path} cannot be read (${code})`;
    return { state: problem, result: problem };
  }
}

function judge(cert: string, key: string, certFile: string, keyFile: string): KeyPair | string {
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
  } catch (error) {
    return `${certFile} and ${keyFile} cannot be used: ${(error as Error).message}`;
  }
  return { cert, key, notAfter: Date.parse(certificate.validTo) };
}
