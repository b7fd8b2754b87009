import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority, TINY_RSA, type CertificateAuthority } from '@ecr-anywhere/certificates';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { watchCertificate, type CertificateWatch } from './watch-certificate.ts';
import type { KeyPair } from './key-pair.ts';

const HOUR = 3_600_000;
const NOW = Date.now();

describe('the files of a certificate', () => {
  let authority: CertificateAuthority;
  let issue: CertificateAuthority['issue'];
  let folder: string;
  let certFile: string;
  let keyFile: string;
  let pairs: KeyPair[];
  let problems: string[];
  let invalid: string[];
  let now: number;
  let watch: CertificateWatch;

  beforeAll(async () => {
    authority = await createCertificateAuthority('test');
    ({ issue } = authority);
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    certFile = join(folder, 'tls.crt');
    keyFile = join(folder, 'tls.key');
    [pairs, problems, invalid] = [[], [], []];
    now = NOW;
  });

  afterEach(async () => {
    watch.stop();
    await rm(folder, { recursive: true });
  });

  const put = async ({ cert, key }: Pick<KeyPair, 'cert' | 'key'>) => {
    await writeFile(certFile, cert);
    await writeFile(keyFile, key);
  };
  const start = () => {
    watch = watchCertificate({
      certFile,
      keyFile,
      interval: 60_000,
      now: () => now,
      onPair: (pair) => void pairs.push(pair),
      onIgnored: (problem) => void problems.push(problem),
      onInvalid: (problem) => void invalid.push(problem),
    });
  };
  const expired = () => issue({ validIn: -3 * HOUR, lifetime: -2 * HOUR });

  it('are served once for each pair', async () => {
    const [first, second] = [await issue(), await issue()];
    await put(first);
    start();
    watch.look();
    await put(second);
    watch.look();
    expect(pairs).toEqual([first, second]);
    expect(problems).toEqual([]);
  });

  it('are reported once while both are missing', () => {
    start();
    for (let look = 0; look < 3; look++) watch.look();
    expect(problems).toEqual([`${certFile} cannot be read (ENOENT)`]);
  });

  it.each<['certFile' | 'keyFile', string, (path: string) => Promise<unknown> | unknown, string]>([
    [
      'certFile',
      'a named pipe that nobody writes to',
      (path) => execFileSync('mkfifo', [path]),
      'is not a regular file',
    ],
    [
      'keyFile',
      'a named pipe that nobody writes to',
      (path) => execFileSync('mkfifo', [path]),
      'is not a regular file',
    ],
    ['certFile', 'a folder', (path) => mkdir(path), 'is not a regular file'],
    [
      'certFile',
      'too large',
      (path) => writeFile(path, ' '.repeat(1_024 * 1_024 + 1)),
      'has more than 1 MiB',
    ],
    ['keyFile', 'too large', (path) => writeFile(path, ' '.repeat(1_024 * 1_024 + 1)), 'has more than 1 MiB'],
  ])('are reported once if one (%s) is %s, and the next pair is loaded', async (one, _, make, problem) => {
    const pair = await issue();
    const path = { certFile, keyFile }[one];
    await put(pair);
    await rm(path);
    await make(path);
    start();
    watch.look();
    expect(problems).toEqual([`${path} ${problem}`]);
    await rm(path, { recursive: true });
    await put(pair);
    watch.look();
    expect(pairs).toEqual([pair]);
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
      'a chain whose second part is not a certificate',
      async ({ cert }) => ({
        cert: `${cert}\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
      }),
      /cannot be used: /,
    ],
    [
      'a key that is too small for a server',
      () => issue({ algorithm: TINY_RSA }),
      /cannot be used: .*key too small/,
    ],
  ])('that hold %s are reported once, and the next pair is loaded', async (_, broken, problem) => {
    const pair = await issue();
    await put({ ...pair, ...(await broken(pair)) });
    start();
    watch.look();
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(pairs).toEqual([]);
    await put(pair);
    watch.look();
    expect(pairs).toEqual([pair]);
  });

  it('that are replaced one after the other are reported only if the second does not follow', async () => {
    const [first, second, third] = [await issue(), await issue(), await issue()];
    await put(first);
    start();
    await writeFile(keyFile, second.key);
    watch.look();
    await put(second);
    watch.look();
    expect(pairs).toEqual([first, second]);
    expect(problems).toEqual([]);
    await writeFile(keyFile, third.key);
    for (let look = 0; look < 3; look++) watch.look();
    expect(problems).toEqual([expect.stringContaining('do not belong together')]);
  });

  it('that hold an expired certificate are reported once, and the valid one stays in use', async () => {
    const valid = await issue();
    await put(valid);
    start();
    await put(await expired());
    for (let look = 0; look < 3; look++) watch.look();
    expect(pairs).toEqual([valid]);
    expect(problems).toEqual([
      expect.stringMatching(/tls\.crt: the certificate, .* expired at 20.*Z, and it is 20/),
    ]);
    expect(invalid).toEqual([]);
  });

  it('that hold a certificate that is not valid yet are reported once; the certificate is loaded when it is valid', async () => {
    const [valid, early] = [await issue(), await issue({ validIn: HOUR / 2 })];
    await put(valid);
    start();
    await put(early);
    for (let look = 0; look < 3; look++) watch.look();
    expect(pairs).toEqual([valid]);
    expect(problems).toEqual([expect.stringContaining('tls.crt: the certificate is not valid before 20')]);
    now = early.notBefore;
    watch.look();
    expect(pairs).toEqual([valid, early]);
    expect([problems.length, invalid.length]).toEqual([1, 0]);
  });

  it('are reported once when the certificate in use expires, if they hold no better one', async () => {
    const valid = await issue();
    await put(valid);
    start();
    await put(await expired());
    watch.look();
    now = valid.notAfter + 1;
    for (let look = 0; look < 3; look++) watch.look();
    expect(pairs).toEqual([valid]);
    expect(invalid).toEqual([
      expect.stringContaining(`expired at ${new Date(valid.notAfter).toISOString()}`),
    ]);
  });

  it('that hold an expired certificate are reported, and served if there is no better one', async () => {
    const old = await expired();
    await put(old);
    start();
    watch.look();
    expect(pairs).toEqual([old]);
    expect(problems).toEqual([]);
    expect(invalid).toEqual([expect.stringContaining('expired at')]);
    const valid = await issue();
    await put(valid);
    watch.look();
    expect(pairs).toEqual([old, valid]);
  });

  it('are checked again when the clock is corrected', async () => {
    now = NOW + 2 * HOUR;
    const [first, next] = [await issue({ lifetime: 10 * HOUR }), await issue()];
    await put(first);
    start();
    await put(next);
    watch.look();
    expect(pairs).toEqual([first]);
    now = NOW;
    watch.look();
    expect(pairs).toEqual([first, next]);
  });

  it('held an earlier certificate, which is served again if the one in use is not valid', async () => {
    now = NOW + 2 * HOUR; // somebody set the clock forward
    const [longer, early] = [
      await issue({ lifetime: 10 * HOUR }),
      await issue({ validIn: HOUR, lifetime: 8 * HOUR }),
    ];
    await put(longer);
    start();
    await put(early);
    watch.look();
    expect(pairs).toEqual([longer, early]);
    now = NOW;
    for (let look = 0; look < 3; look++) watch.look();
    expect(pairs).toEqual([longer, early, longer]);
    expect(problems).toEqual([expect.stringContaining('is not valid before')]);
    expect(invalid).toEqual([]);
  });

  it('are loaded again when they have their earlier content again, to report the end of the problem', async () => {
    const valid = await issue();
    await put(valid);
    start();
    await put({ ...valid, cert: 'x' });
    for (let look = 0; look < 2; look++) watch.look();
    await put(valid);
    watch.look();
    expect(pairs).toEqual([valid, valid]);
    expect(problems).toHaveLength(1);
  });

  describe('with a chain', () => {
    it('expire when an issuer in the chain expires', async () => {
      const intermediate = await authority.intermediate({ lifetime: -HOUR / 2 });
      const valid = await issue();
      await put(valid);
      start();
      await put(await intermediate.issue());
      for (let look = 0; look < 2; look++) watch.look();
      expect(pairs).toEqual([valid]);
      expect(problems).toEqual([expect.stringContaining('or one of its chain, expired at')]);
    });

    it('do not expire with a root (clients have it), an unrelated certificate, or a renewed issuer', async () => {
      const past = { lifetime: -HOUR / 2 };
      const root = await createCertificateAuthority('test', past);
      const intermediate = await root.intermediate();
      const before = await root.intermediate({ ...past, keys: intermediate.keys });
      const stranger = await root.intermediate(past);
      const { cert, key } = await before.issue();
      await put({ cert: [cert, intermediate.cert, stranger.cert, root.cert].join('\n'), key });
      start();
      expect(pairs).toHaveLength(1);
      expect(invalid).toEqual([]);
    });
  });
});
