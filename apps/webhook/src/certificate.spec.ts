import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { watchCertificate, type CertificateWatch, type KeyPair } from './certificate.ts';
import { testAuthority, TINY_RSA } from './testing/certificates.ts';

describe('the files of a certificate', () => {
  let issue: Awaited<ReturnType<typeof testAuthority>>['issue'];
  let folder: string;
  let certFile: string;
  let keyFile: string;
  let pairs: KeyPair[];
  let problems: string[];
  let watch: CertificateWatch;

  beforeAll(async () => {
    ({ issue } = await testAuthority());
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    certFile = join(folder, 'tls.crt');
    keyFile = join(folder, 'tls.key');
    [pairs, problems] = [[], []];
  });

  afterEach(async () => {
    watch.stop();
    await rm(folder, { recursive: true });
  });

  const put = async ({ cert, key }: Pick<KeyPair, 'cert' | 'key'>) => {
    await writeFile(certFile, cert);
    await writeFile(keyFile, key);
  };
  const start = async () => {
    const onPair = (pair: KeyPair) => void pairs.push(pair);
    const onProblem = (problem: string) => void problems.push(problem);
    watch = await watchCertificate({ certFile, keyFile, interval: 60_000, onPair, onProblem });
  };

  it('are handed on once for each pair', async () => {
    const [first, second] = [await issue(), await issue()];
    await put(first);
    await start();
    await watch.check();
    await put(second);
    await watch.check();
    expect(pairs).toEqual([first, second]);
    expect(problems).toEqual([]);
  });

  it('are told of once while both are missing, whichever is found missing first', async () => {
    certFile = `${folder}/${'./'.repeat(1_900)}tls.crt`; // takes the longer to look up
    await start();
    for (let look = 0; look < 100; look++) await watch.check();
    expect(problems).toEqual([`${certFile} cannot be read (ENOENT)`]);
  });

  it.each<[string, (pair: KeyPair) => Promise<Partial<KeyPair>>, RegExp]>([
    ['no certificate', async () => ({ cert: 'x' }), /tls\.crt holds no certificate$/],
    ['no key', async () => ({ key: 'x' }), /tls\.key holds no private key$/],
    ['the key of another one', async () => ({ key: (await issue()).key }), /do not belong together$/],
    [
      'a chain that is half written',
      async ({ cert }) => ({ cert: `${cert}\n${cert.slice(0, 100)}` }),
      /tls\.crt and .*tls\.key cannot be used: .*PEM/,
    ],
    [
      'a chain of which the second is none',
      async ({ cert }) => ({
        cert: `${cert}\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
      }),
      /cannot be used: /,
    ],
    ['a key that is too small to serve with', () => issue(TINY_RSA), /cannot be used: .*key too small/],
  ])('that hold %s are told once, and later ones are taken', async (_, broken, problem) => {
    const pair = await issue();
    await put({ ...pair, ...(await broken(pair)) });
    await start();
    await watch.check();
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(pairs).toEqual([]);
    await put(pair);
    await watch.check();
    expect(pairs).toEqual([pair]);
  });

  it('may be slow to read: what is read first never comes last', async () => {
    const [first, second, third] = [await issue(), await issue(), await issue()];
    await put(first);
    await start();
    const slow = join(folder, 'slow.crt');
    execFileSync('mkfifo', [slow]);
    await unlink(certFile);
    await symlink(slow, certFile);
    await writeFile(keyFile, second.key);
    const looks = [watch.check()];
    await new Promise((done) => setTimeout(done, 50));
    await swapIn(third);
    looks.push(watch.check());
    await new Promise((done) => setTimeout(done, 50));
    await writeFile(slow, second.cert);
    await Promise.all(looks);
    await watch.check();
    expect(pairs).toEqual([first, second, third]);
  });

  /** Without waiting for a reader of what was there before. */
  async function swapIn({ cert, key }: KeyPair): Promise<void> {
    await writeFile(join(folder, 'new.crt'), cert);
    await rename(join(folder, 'new.crt'), certFile);
    await writeFile(keyFile, key);
  }
});
