import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createCertificateAuthority,
  type Certificate,
  type CertificateAuthority,
} from '@ecr-anywhere/certificates';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TlsClients, type TlsClient } from '../callers/tls-clients.ts';
import type { KeyPair } from '../certificate/key-pair.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { logLines } from '../testing/log-lines.ts';
import { rawConnection } from '../testing/raw-connection.ts';
import { unlimited } from '../testing/unlimited.ts';
import type { Connections } from './connections.ts';
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
    const { receives } = await rawConnection(server.port, GET);
    await receives('served');
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
    await before.receives('served', 2);
  });

  describe('that asks clients for a certificate', () => {
    let theirs: CertificateAuthority;
    let other: CertificateAuthority;
    let clients: TlsClients;
    let connections: Connections;
    /** What is known about the client of each request. */
    let known: (TlsClient | undefined)[];

    beforeAll(async () => {
      [theirs, other] = await Promise.all([
        createCertificateAuthority('test'),
        createCertificateAuthority('test'),
      ]);
    });

    beforeEach(async () => {
      [clients, known] = [new TlsClients(), []];
      const listener: RequestListener = ({ socket }, response) => {
        known.push(clients.of(socket));
        response.end('served');
      };
      const limits = { handshakeTimeout: 600_000 }; // longer than Jest lets a test take
      const others = unlimited(kept.log);
      server = await startTlsServer(0, { listener, ...others, clients, limits });
      connections = others.connections;
      server.use(pair);
      server.trust(theirs.cert);
    });

    const ask = async (options: ConnectionOptions = {}) => {
      const connection = await rawConnection(server.port, GET, options);
      await connection.receives('served');
      return connection;
    };

    it('demands none', async () => {
      await ask();
      expect(known).toEqual([{ certificate: undefined }]);
    });

    it('knows the common name and the end of a certificate', async () => {
      const client = await theirs.issue({ subject: 'O=them,CN=client' });
      await ask(client);
      expect(known).toEqual([
        { certificate: { problem: undefined, commonName: 'client', notAfter: client.notAfter } },
      ]);
    });

    it.each<[string, () => Promise<Certificate>, string]>([
      ['another CA with the same name', () => other.issue(), 'CERT_SIGNATURE_FAILURE'],
      ['the CA, but which has expired', () => theirs.issue({ lifetime: -1_000 }), 'CERT_HAS_EXPIRED'],
      ['the CA, but which is not valid yet', () => theirs.issue({ validIn: 60_000 }), 'CERT_NOT_YET_VALID'],
      ['the CA, but for servers', () => theirs.issue({ usages: ['serverAuth'] }), 'INVALID_PURPOSE'],
      ['nobody but itself', () => createCertificateAuthority('client'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      [
        'a CA below the CA that was not shown',
        async () => {
          const { cert, key } = await (await theirs.intermediate()).issue();
          return { cert: cert.slice(0, cert.indexOf('-----END') + 26), key };
        },
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      ],
      [
        'a certificate of the CA that is no CA itself',
        async () => {
          const leaf = await theirs.issue({ subject: 'CN=test' });
          const { cert, key } = await other.issue();
          return { cert: cert + leaf.cert, key };
        },
        'CERT_SIGNATURE_FAILURE',
      ],
    ])('knows that a certificate is not trusted that comes from %s', async (_, certificate, problem) => {
      const { cert, key } = await certificate();
      await ask({ cert, key });
      expect(known).toEqual([{ certificate: expect.objectContaining({ problem }) }]);
    });

    it('trusts a chain, to a CA that is trusted without the one above it', async () => {
      const middle = await theirs.intermediate();
      const client = await middle.issue();
      await ask(client);
      server.trust(middle.cert);
      await ask({ ...client, servername: 'webhook' }); // as Go does, it says the name of the server
      expect(known.map((one) => one?.certificate?.problem)).toEqual([undefined, undefined]);
    });

    it.each(['TLSv1.2', 'TLSv1.3'] as const)('never resumes a session of %s', async (version) => {
      const client = { ...(await theirs.issue()), minVersion: version, maxVersion: version };
      const first = await rawConnection(server.port, '', client);
      let session: Buffer | undefined = first.socket.getSession();
      first.socket.on('session', (given: Buffer) => (session = given));
      first.socket.write(GET);
      await first.receives('served');
      expect(session).toBeDefined();
      const { socket } = await ask({ ...client, session });
      expect(socket.isSessionReused()).toBe(false);
      server.trust(other.cert);
      await ask({ ...client, session });
      expect(known.map((one) => one?.certificate?.problem)).toEqual([
        undefined,
        undefined,
        'CERT_SIGNATURE_FAILURE',
      ]);
    });

    it('does not let a client show another certificate later', async () => {
      const { socket, closed } = await ask({ ...(await theirs.issue()), maxVersion: 'TLSv1.2' });
      socket.renegotiate({ rejectUnauthorized: false }, () => undefined);
      await closed;
      expect(known).toHaveLength(1);
    });

    describe('and whose CAs change', () => {
      it('closes connections that are idle, and handshakes', async () => {
        const idle = await ask(await theirs.issue());
        const handshake = connect(server.port, '127.0.0.1');
        const ended = once(handshake, 'close');
        await once(handshake, 'connect');
        await eventually('both are accepted', () => connections.count === 2);
        server.trust(other.cert);
        await Promise.all([idle.closed, ended]);
      });

      it('knows nothing about a client that began its request before, and serves it', async () => {
        const client = await rawConnection(server.port, GET.slice(0, 10), await theirs.issue());
        await eventually('the request has begun', () => [...connections].some(({ isBegun }) => isBegun));
        server.trust(other.cert);
        client.socket.write(GET.slice(10));
        await client.receives('served');
        expect(known).toEqual([undefined]);
      });

      it('takes them, although TLS could not use the certificate that it was given before', async () => {
        const { key } = await other.issue();
        expect(() => server.use({ ...pair, key })).toThrow();
        server.trust(other.cert);
        await ask(await other.issue());
        expect(known).toEqual([{ certificate: expect.objectContaining({ problem: undefined }) }]);
      });

      it('keeps connections if the CAs are those of before', async () => {
        const { socket, receives } = await ask(await theirs.issue());
        server.trust(theirs.cert);
        socket.write(GET);
        await receives('served', 2);
        expect(known[1]).toEqual(known[0]);
      });
    });
  });

  it('drops headers beyond a limit', async () => {
    let kept = Infinity;
    const port = await start((request, response) => {
      kept = request.rawHeaders.length;
      response.end('served');
    });
    const headers = Array.from({ length: 1_900 }, (_, index) => `z${index.toString(36)}:\r\n`).join('');
    const { receives } = await rawConnection(port, `GET / HTTP/1.1\r\nHost: webhook\r\n${headers}\r\n`);
    await receives('served');
    expect(kept).toBeLessThan(200);
  });

  it('keeps idle connections for longer than the 90 s of the API server', async () => {
    const { received, receives } = await rawConnection(await start(), GET);
    await receives('served');
    expect(Number(/keep-alive: timeout=(\d+)/i.exec(received())?.[1])).toBeGreaterThan(90);
  });

  it('keeps unused connections for longer than requests may take', async () => {
    const port = await start(answers, QUICK);
    const unused = await rawConnection(port);
    const slow = await rawConnection(port, GET.slice(0, 10));
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /);
    unused.socket.write(GET);
    await unused.receives('served');
  });

  it('closes unused connections in the end like idle ones, without an answer or a line of log', async () => {
    const unused = await rawConnection(await start(answers, { ...QUICK, keepAliveTimeout: 300 }));
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
    /** Longer than Jest lets a test take. */
    const PATIENCE = 600_000;

    it('finishes requests in flight, closes idle connections, and accepts no new ones', async () => {
      let finish: (() => void) | undefined;
      const port = await start((request, response) => {
        if (request.url === '/') response.end('served');
        else finish = () => response.setHeader('connection', 'close').end('finished'); // like the app
      });
      const idle = await rawConnection(port, GET);
      await idle.receives('served');
      const busy = await rawConnection(port, GET.replace('/', '/slow'));
      await eventually('the request is in flight', () => finish !== undefined);

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
          const { receives } = await rawConnection(port, GET);
          await receives('half');
        },
      ],
    ])('does not wait for a connection that %s', async (_, open) => {
      const port = await start((_request, response) => {
        response.write('half');
        setTimeout(() => response.end(), 200);
      });
      await open(port);
      await server.close(PATIENCE);
    });

    it('answers a request that arrives on an idle connection during the shutdown', async () => {
      const port = await start();
      const [kept, unused] = [await rawConnection(port, GET), await rawConnection(port)];
      await kept.receives('served');
      const closed = server.close(PATIENCE);
      await sleep(300);
      for (const { socket } of [kept, unused]) socket.write(GET);
      await Promise.all([unused.receives('served'), kept.receives('served', 2)]);
      await closed;
    });

    it('waits for the rest of a request that arrives slowly', async () => {
      const [head, tail] = [GET.slice(0, 10), GET.slice(10)];
      const slow = await rawConnection(await start(), head);
      await sleep(50);
      const closed = server.close(PATIENCE);
      await sleep(1_500);
      slow.socket.write(tail);
      await slow.receives('served');
      await closed;
    });

    it('serves connections that the kernel had accepted before', async () => {
      const port = await start();
      const early = Array.from({ length: 8 }, () => rawConnection(port, GET));
      await new Promise(process.nextTick);
      // The kernel accepts the connections meanwhile. The server cannot, because this blocks the whole process.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      const closed = server.close(PATIENCE);
      for (const { receives } of await Promise.all(early)) await receives('served');
      await closed;
    });

    it('closes the rest after its patience, also connections without a handshake', async () => {
      let isAsked = false;
      const port = await start(() => void (isAsked = true));
      const late = await rawConnection(port, GET);
      connect(port, '127.0.0.1').on('error', () => undefined);
      await eventually('the request has come', () => isAsked);
      await server.close(100);
      expect(await late.closed).toBe('');
    });
  });
});
