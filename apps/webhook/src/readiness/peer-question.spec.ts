import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createServer as createProxy, type AddressInfo } from 'node:net';
import { createCertificateAuthority, type CertificateAuthority } from '@ecr-anywhere/certificates';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSlowServer } from '../../../../tools/stand-ins/slow-address.mjs';
import { peerQuestion, type PeerOptions } from './peer-question.ts';

/** Addresses of replicas, all with the same port, as behind a headless Service. Only Linux has all of 127.0.0.0/8. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('whether another replica holds a token', () => {
  let authority: CertificateAuthority;
  let server: Server;
  let url: URL;
  let questions: string[];
  let answer: (address: string) => RequestListener;

  beforeAll(async () => {
    authority = await createCertificateAuthority('test');
    server = createServer(await authority.issue(), (request, response) => {
      const address = request.socket.localAddress ?? '';
      questions.push(address);
      answer(address)(request, response);
    }).listen(0, '0.0.0.0');
    await once(server, 'listening');
    url = new URL(`https://localhost:${(server.address() as AddressInfo).port}`);
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  beforeEach(() => {
    questions = [];
  });

  afterEach(() => server.closeAllConnections());

  const says =
    (instance: string, token: boolean): RequestListener =>
    (_, response) =>
      void response.end(JSON.stringify({ instance, token }));
  const hangs: RequestListener = () => undefined;
  const question = (changes: Partial<PeerOptions> = {}) =>
    peerQuestion({
      url,
      instance: 'me',
      trusted: () => authority.cert,
      clock: () => 0,
      patience: 30_000,
      resolve: async () => ['127.0.0.1'],
      ...changes,
    });
  /** Asks replicas with these answers. Each replica has its own address. */
  const askAll = (answers: readonly RequestListener[], changes: Partial<PeerOptions> = {}) => {
    const addresses = ADDRESSES.slice(0, answers.length);
    answer = (address) => answers[addresses.indexOf(address)]!;
    return question({ resolve: async () => addresses, ...changes })();
  };

  it('is answered by the replica', async () => {
    answer = () => says('other', true);
    expect(await question()()).toBe('holds');
    answer = () => says('other', false);
    expect(await question()()).toBe('none');
  });

  it('is answered by a replica of a later version, whose answer has more fields', async () => {
    answer = () => (_, response) =>
      void response.end(JSON.stringify({ instance: 'other', token: true, profiles: ['default'] }));
    expect(await question()()).toBe('holds');
  });

  it('is no if only this replica answers', async () => {
    answer = () => says('me', true);
    expect(await question()()).toBe('none');
  });

  describe('of several replicas', () => {
    onLinux('is asked once of each, whatever the others answer', async () => {
      expect(await askAll([says('me', false), says('other', false), says('third', true)])).toBe('holds');
      expect(questions.sort()).toEqual(ADDRESSES);
    });

    onLinux('is no if none of them holds one', async () => {
      expect(await askAll([says('me', false), says('other', false)])).toBe('none');
    });

    onLinux('is yes although one of them hangs', async () => {
      expect(await askAll([hangs, says('other', true)], { patience: 5_000 })).toBe('holds');
    });

    onLinux('is unclear if one of them says no and another one hangs', async () => {
      expect(await askAll([says('other', false), hangs], { patience: 300 })).toBe('unclear');
    });

    onLinux('is asked of eight at most', async () => {
      const addresses = Array.from({ length: 300 }, (_, index) => `127.0.${index >> 8}.${index & 255}`);
      answer = () => says('other', false);
      expect(await question({ resolve: async () => addresses.slice(1) })()).toBe('none');
      expect(questions).toHaveLength(8);
    });

    onLinux('is answered even if one address is slow to connect to, and another has no server', async () => {
      answer = () => says('other', true);
      const slow = await startSlowServer(Number(url.port));
      setTimeout(() => slow.wake(), 500);
      const ask = question({
        url: new URL(`https://localhost:${slow.port}`),
        resolve: async () => ['127.0.0.1', '127.0.0.2'],
      });
      expect(await ask().finally(() => slow.stop())).toBe('holds');
    });
  });

  describe('is asked under a name', () => {
    it('that the operating system resolves', async () => {
      answer = () => says('other', true);
      const { port } = url;
      for (const host of ['localhost', '127.0.0.1']) {
        const ask = peerQuestion({
          url: new URL(`https://${host}:${port}`),
          instance: 'me',
          trusted: () => authority.cert,
          clock: () => 0,
          patience: 30_000,
        });
        expect(await ask()).toBe('holds');
      }
    });

    it('that is not in the certificate, if the name in the certificate is given', async () => {
      answer = () => says('other', true);
      const headless = new URL(`https://peers.example.svc:${url.port}`);
      expect(await question({ url: headless, serverName: 'localhost' })()).toBe('holds');
      expect(await question({ url: headless })()).toBe('unclear');
      expect(await question({ serverName: 'stranger.example' })()).toBe('unclear');
    });

    it.each([
      ['none', 'that has no address, since no replica is ready', 'ENOTFOUND'],
      ['unclear', 'that no name server resolves now', 'EAI_AGAIN'],
    ])('which is %s for one %s', async (expected, _, code) => {
      const resolve = async () => Promise.reject(Object.assign(new Error(code), { code }));
      expect(await question({ resolve })()).toBe(expected);
    });

    it('which is unclear for one that takes too long to resolve', async () => {
      const resolve = () => new Promise<never>(() => undefined);
      expect(await question({ resolve, patience: 50 })()).toBe('unclear');
    });
  });

  it.each<[string, RequestListener]>([
    ['nothing', () => undefined],
    [
      'a byte at a time',
      (_, response) => {
        // An answer that is too long is unclear as well. Here it is too long after more than Jest lets a test take.
        const timer = setInterval(() => response.write(' '), 100);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('is unclear after a while if the answer is %s', async (_, hang) => {
    answer = () => hang;
    expect(await question({ patience: 300 })()).toBe('unclear');
  });

  it('is unclear at once if the answer does not end', async () => {
    answer = () => (_, response) => {
      const more = () => {
        while (response.writable && response.write(' '.repeat(500)));
        response.once('drain', more);
      };
      more();
    };
    expect(await question({ patience: 600_000 })()).toBe('unclear'); // longer than Jest lets a test take
  });

  it.each(['no JSON', 'null', '{"token":"true"}'])('is unclear if the answer is %s', async (text) => {
    answer = () => (_, response) => void response.end(text);
    expect(await question()()).toBe('unclear');
  });

  it('is unclear if the connection is closed before the answer', async () => {
    answer = () => (request) => void request.socket.destroy();
    expect(await question()()).toBe('unclear');
  });

  it('is no if no server listens at the address', async () => {
    expect(await question({ url: new URL('https://localhost:1') })()).toBe('none');
  });

  it('is no if a proxy has no replica to forward the question to', async () => {
    const proxy = createProxy((socket) => void socket.destroy()).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    expect(await question({ url: new URL(`https://localhost:${port}`) })()).toBe('none');
    proxy.close();
  });

  it('is not sent to a server with an untrusted certificate', async () => {
    answer = () => says('other', true);
    const stranger = await createCertificateAuthority('test');
    expect(await question({ trusted: () => stranger.cert })()).toBe('unclear');
    expect(await question({ trusted: () => undefined })()).toBe('unclear');
    expect(questions).toEqual([]);
  });

  it("is verified with the replicas' own certificate if only that certificate is trusted", async () => {
    const { cert, key } = await authority.issue();
    server.setSecureContext({ cert, key });
    answer = () => says('other', true);
    expect(await question({ trusted: () => cert })()).toBe('holds');
  });

  it('is asked at most once a second', async () => {
    let now = 0;
    const ask = question({ clock: () => now });
    answer = () => says('other', true);
    expect([await ask(), await ask()]).toEqual(['holds', 'holds']);
    answer = () => says('other', false);
    now = 1_000;
    expect(await ask()).toBe('holds');
    now = 1_001;
    expect(await ask()).toBe('none');
  });
});
