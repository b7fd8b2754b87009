import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createServer as createProxy, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '@ecr-anywhere/certificates';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSlowServer, withTwoAddresses } from '../../../tools/stand-ins/slow-address.mjs';
import { peerQuestion, type PeerOptions } from './peer-question.ts';

describe('whether another replica holds a token', () => {
  let folder: string;
  let server: Server;
  let url: URL;
  let questions: number;
  let problems: string[];
  let answer: RequestListener;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'peer-'));
    const { cert: ca, issue } = await createCertificateAuthority('test');
    const pair = await issue();
    await writeFile(join(folder, 'ca.crt'), ca);
    await writeFile(join(folder, 'tls.crt'), pair.cert);
    await writeFile(join(folder, 'stranger.crt'), (await createCertificateAuthority('test')).cert);
    server = createServer(pair, (request, response) => {
      questions += 1;
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  beforeEach(() => {
    questions = 0;
    problems = [];
  });

  afterEach(() => server.closeAllConnections());

  const says =
    (instance: string, token: boolean): RequestListener =>
    (_, response) =>
      void response.end(JSON.stringify({ instance, token }));
  const question = (changes: Partial<PeerOptions> = {}) =>
    peerQuestion({
      url,
      instance: 'me',
      caFiles: [join(folder, 'ca.crt')],
      clock: () => 0,
      patience: 5_000,
      onIgnored: (problem) => void problems.push(problem),
      ...changes,
    });

  it('is answered by it', async () => {
    answer = says('other', true);
    expect(await question()()).toBe('holds');
    answer = says('other', false);
    expect(await question()()).toBe('none');
  });

  it('is no when nobody but oneself answers', async () => {
    answer = says('me', true);
    expect(await question()()).toBe('none');
  });

  it.each([1, 2, 5])('is found out although the Service gives back oneself, %d times', async (times) => {
    answer = (request, response) => says(questions <= times ? 'me' : 'other', true)(request, response);
    expect(await question()()).toBe('holds');
  });

  it('is found out although a replica hangs', async () => {
    answer = (request, response) => {
      if (questions > 1) says('other', true)(request, response);
    };
    expect(await question()()).toBe('holds');
  });

  it.each<[string, RequestListener]>([
    ['nothing', () => undefined],
    [
      'a byte at a time',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('is unclear after a while where the answer is %s', async (_, hang) => {
    answer = hang;
    const asked = performance.now();
    expect(await question({ patience: 300 })()).toBe('unclear');
    expect(performance.now() - asked).toBeLessThan(2_000);
  });

  it('is unclear at once where the answer has no end', async () => {
    answer = (_, response) => {
      const more = () => {
        while (response.writable && response.write(' '.repeat(500)));
        response.once('drain', more);
      };
      more();
    };
    const asked = performance.now();
    expect(await question({ patience: 60_000 })()).toBe('unclear');
    expect(performance.now() - asked).toBeLessThan(10_000);
  });

  it.each(['no JSON', 'null', '{"token":"true"}'])('is unclear where the answer is %s', async (text) => {
    answer = (_, response) => void response.end(text);
    expect(await question()()).toBe('unclear');
  });

  it('is unclear where one is cut off before the answer', async () => {
    answer = (request) => void request.socket.destroy();
    expect(await question()()).toBe('unclear');
  });

  it('is unclear where one says no and another one hangs', async () => {
    answer = (request, response) => {
      if (questions > 1) says('other', false)(request, response);
    };
    expect(await question({ patience: 300 })()).toBe('unclear');
  });

  it.each(['https://127.0.0.1:1', 'https://nobody.invalid'])('is no where nobody listens: %s', async (at) => {
    expect(await question({ url: new URL(at) })()).toBe('none');
  });

  it('is no where a proxy has nobody to pass it on to', async () => {
    const proxy = createProxy((socket) => void socket.destroy()).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    expect(await question({ url: new URL(`https://127.0.0.1:${port}`) })()).toBe('none');
    proxy.close();
  });

  it('is asked of nobody that shows a certificate of strangers', async () => {
    answer = says('other', true);
    expect(await question({ caFiles: [join(folder, 'stranger.crt')] })()).toBe('unclear');
    expect(await question({ caFiles: [join(folder, 'missing.crt')] })()).toBe('unclear');
    expect(questions).toBe(0);
  });

  it("trusts the replicas' own certificate where there is none of an authority", async () => {
    answer = says('other', true);
    const caFiles = [join(folder, 'missing.crt'), join(folder, 'tls.crt')];
    expect(await question({ caFiles })()).toBe('holds');
    expect(problems).toEqual([]);
  });

  it.each<[string, (path: string) => unknown, string]>([
    ['a named pipe that nobody writes to', (path) => execFileSync('mkfifo', [path]), 'is not a regular file'],
    ['larger than any', (path) => writeFile(path, ' '.repeat(1_024 * 1_024 + 1)), 'has more than 1 MiB'],
  ])('does without a file of CAs that is %s, and tells of it once', async (_, make, problem) => {
    answer = says('other', true);
    const file = join(folder, 'strange.crt');
    await make(file);
    let now = 0;
    const ask = question({ caFiles: [file, join(folder, 'tls.crt')], clock: () => now });
    expect(await ask()).toBe('holds');
    now = 2_000;
    expect(await ask()).toBe('holds');
    expect(problems).toEqual([`${file} ${problem}`]);
    await rm(file);
  });

  it('is answered where the first address of the name is slow and the last one dead', async () => {
    answer = says('other', true);
    const slow = await startSlowServer(Number(url.port));
    setTimeout(() => slow.wake(), 500);
    const ask = question({ url: new URL(`https://localhost:${slow.port}`) });
    expect(await withTwoAddresses(ask).finally(() => slow.stop())).toBe('holds');
  });

  it('is asked once a second at most', async () => {
    let now = 0;
    const ask = question({ clock: () => now });
    answer = says('other', true);
    expect([await ask(), await ask()]).toEqual(['holds', 'holds']);
    answer = says('other', false);
    now = 1_000;
    expect(await ask()).toBe('holds');
    now = 1_001;
    expect(await ask()).toBe('none');
  });
});
