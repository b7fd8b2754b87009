import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCertificateAuthority } from '@ecr-anywhere/certificates';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeyPair } from '../certificate/key-pair.ts';
import { logLines } from '../testing/log-lines.ts';
import { rawConnection } from '../testing/raw-connection.ts';
import { unlimited } from '../testing/unlimited.ts';
import { startTlsServer, type TlsServer, type TlsServerOptions } from './tls-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: webhook\r\n\r\n';
const QUICK = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 };

describe('the HTTPS server', () => {
  let issue: () => Promise<KeyPair>;
  let pair: KeyPair;
  let server: TlsServer;
  let kept: ReturnType<typeof logLines>;

  beforeAll(async () => {
    ({ issue } = await createCertificateAuthority('test'));
    pair = await issue();
  });

  beforeEach(() => {
    kept = logLines();
  });

  afterEach(() => server.close(0));

  const answers: RequestListener = (request, response) => {
    request.on('error', () => undefined).resume();
    request.on('end', () => response.end('served'));
  };
  const start = async (listener = answers, limits: TlsServerOptions['limits'] = {}) => {
    server = await startTlsServer(0, { listener, ...unlimited(kept.log), limits });
    server.use(pair);
    return server.port;
  };

  it('fails handshakes without a certificate, and serves as soon as there is one', async () => {
    server = await startTlsServer(0, { listener: answers, ...unlimited(kept.log) });
    await expect(rawConnection(server.port)).rejects.toThrow();
    server.use(pair);
    const { received } = await rawConnection(server.port, GET);
    await until(() => received().includes('served'));
  });

  it('uses a new certificate for new connections, and keeps the open ones', async () => {
    const port = await start();
    const before = await rawConnection(port, GET);
    const other = await issue();
    server.use(other);
    const { socket } = await rawConnection(port);
    expect(socket.getPeerX509Certificate()?.fingerprint256).toBe(
      new X509Certificate(other.cert).fingerprint256,
    );
    before.socket.write(GET);
    await until(() => before.received().split('served').length === 3);
  });

  it('verifies a client with the current CAs, even if the client resumes an older session', async () => {
    const isAuthorized: boolean[] = [];
    const listener: RequestListener = ({ socket }, response) => {
      isAuthorized.push((socket as TLSSocket).authorized);
      response.end('served');
    };
    server = await startTlsServer(0, { listener, ...unlimited(kept.log), asksForCertificate: true });
    server.use(pair);
    const [theirs, other] = await Promise.all([
      createCertificateAuthority('test'),
      createCertificateAuthority('test'),
    ]);
    const client = await theirs.issue();
    server.trust(theirs.cert);
    const { socket, received } = await rawConnection(server.port, GET, client);
    let session: Buffer | undefined;
    socket.on('session', (given: Buffer) => (session = given));
    await until(() => received().includes('served'));
    const again = async () => {
      const { socket, received } = await rawConnection(server.port, GET, { ...client, session });
      const isReused = socket.isSessionReused();
      await until(() => received().includes('served'));
      return isReused;
    };
    expect(await again()).toBe(true);
    server.trust(other.cert);
    expect(await again()).toBe(false);
    expect(isAuthorized).toEqual([true, true, false]);
  });

  it('drops headers beyond a limit', async () => {
    let kept = Infinity;
    const port = await start((request, response) => {
      kept = request.rawHeaders.length;
      response.end('served');
    });
    const headers = Array.from({ length: 1_900 }, (_, index) => `z${index.toString(36)}:\r\n`).join('');
    const { received } = await rawConnection(port, `GET / HTTP/1.1\r\nHost: webhook\r\n${headers}\r\n`);
    await until(() => received().includes('served'));
    expect(kept).toBeLessThan(200);
  });

  it('keeps idle connections for longer than the 90 s of the API server', async () => {
    const { received } = await rawConnection(await start(), GET);
    await until(() => received().includes('served'));
    expect(Number(/keep-alive: timeout=(\d+)/i.exec(received())?.[1])).toBeGreaterThan(90);
  });

  it('keeps unused connections as long as idle ones', async () => {
    const port = await start(answers, { ...QUICK, keepAliveTimeout: 1_500 });
    const [used, unused] = [await rawConnection(port), await rawConnection(port)];
    await sleep(350);
    used.socket.write(GET);
    await until(() => used.received().includes('served'));
    expect(await unused.closed).toBe('');
    expect(kept.lines).toEqual([]);
  });

  it.each([
    ['headers', 'POST / HTTP/1.1\r\nHost: '],
    ['a body', 'POST / HTTP/1.1\r\nHost: webhook\r\nContent-Length: 10\r\n\r\n{'],
  ])('answers with 408 when %s do not arrive, and closes', async (_, text) => {
    const { closed } = await rawConnection(await start(answers, QUICK), text);
    expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    expect(kept.lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ status: 408 })]);
  });

  describe('when it closes', () => {
    const PATIENCE = 10_000;

    it('finishes requests in flight, closes idle connections, and accepts no new ones', async () => {
      let finish: (() => void) | undefined;
      const port = await start((request, response) => {
        if (request.url === '/') response.end('served');
        else finish = () => response.setHeader('connection', 'close').end('finished'); // like the app
      });
      const idle = await rawConnection(port, GET);
      await until(() => idle.received().includes('served'));
      const busy = await rawConnection(port, GET.replace('/', '/slow'));
      await until(() => finish !== undefined);

      const closed = server.close(PATIENCE);
      await idle.closed;
      await expect(rawConnection(port)).rejects.toThrow('ECONNREFUSED');
      finish?.();
      expect(await busy.closed).toContain('finished');
      await closed;
    });

    it.each<[string, (port: number) => Promise<unknown>]>([
      ['was never used', rawConnection],
      ['hangs before its handshake', async (port) => once(connect(port, '127.0.0.1'), 'connect')],
      [
        'is kept after an answer that began earlier',
        async (port) => {
          const { received } = await rawConnection(port, GET);
          await until(() => received().includes('half'));
        },
      ],
    ])('does not wait for a connection that %s', async (_, open) => {
      const port = await start((_request, response) => {
        response.write('half');
        setTimeout(() => response.end(), 200);
      });
      await open(port);
      const began = performance.now();
      await server.close(PATIENCE);
      expect(performance.now() - began).toBeLessThan(PATIENCE / 2);
    });

    it('answers a request that arrives on an idle connection during the shutdown', async () => {
      const port = await start();
      const [kept, unused] = [await rawConnection(port, GET), await rawConnection(port)];
      await until(() => kept.received().includes('served'));
      const closed = server.close(PATIENCE);
      await sleep(300);
      for (const { socket } of [kept, unused]) socket.write(GET);
      await until(() => unused.received().includes('served') && kept.received().split('served').length === 3);
      await closed;
    });

    it('waits for the rest of a request that arrives slowly', async () => {
      const [head, tail] = [GET.slice(0, 10), GET.slice(10)];
      const slow = await rawConnection(await start(), head);
      await sleep(50);
      const closed = server.close(PATIENCE);
      await sleep(1_500);
      slow.socket.write(tail);
      await until(() => slow.received().includes('served'));
      await closed;
    });

    it('serves connections that the kernel had accepted before', async () => {
      const port = await start();
      const early = Array.from({ length: 8 }, () => rawConnection(port, GET));
      await new Promise(process.nextTick); // now the kernel has accepted the connections
      const closed = server.close(PATIENCE);
      for (const { received } of await Promise.all(early)) await until(() => received().includes('served'));
      await closed;
    });

    it('closes the rest after its patience, also connections without a handshake', async () => {
      let isAsked = false;
      const port = await start(() => void (isAsked = true));
      const late = await rawConnection(port, GET);
      connect(port, '127.0.0.1').on('error', () => undefined);
      await until(() => isAsked);
      await server.close(100);
      expect(await late.closed).toBe('');
    });
  });
});

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 3_000;
  while (!condition() && performance.now() < end) await sleep(5);
  expect(condition()).toBe(true);
}
