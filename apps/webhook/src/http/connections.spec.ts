import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCertificateAuthority } from '@ecr-anywhere/certificates';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeyPair } from '../certificate/key-pair.ts';
import type { ClosedBecause } from '../operations/load-metrics.ts';
import { Connections, type ConnectionLimits } from './connections.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { logLines } from '../testing/log-lines.ts';
import { rawConnection, type RawConnection } from '../testing/raw-connection.ts';
import { unlimited } from '../testing/unlimited.ts';
import { startTlsServer, type TlsServer } from './tls-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: webhook\r\n\r\n';
const REVIEW = GET.replace('/', '/review');
const MIB = 1024 * 1024;

/** The memory of a connection in these tests: so large that received data hardly counts. */
const EACH = 10 * MIB;

describe('the connections of a server', () => {
  let pair: KeyPair;
  let server: TlsServer;
  let connections: Connections;
  let closed: ClosedBecause[];
  let asked: string[];
  let sockets: Socket[];

  beforeAll(async () => {
    const { issue } = await createCertificateAuthority('test');
    pair = await issue();
  });

  beforeEach(() => {
    closed = [];
    asked = [];
    sockets = [];
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close(0);
  });

  const answer: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/review') connections.reviewCame(request);
    if (request.url !== '/slow') response.end('served');
  };
  const start = async (limits: Partial<ConnectionLimits> = {}, listener = answer) => {
    connections = new Connections({
      most: 4.5 * EACH,
      each: EACH,
      interval: 10,
      onClosed: (because) => void closed.push(because),
      ...limits,
    });
    server = await startTlsServer(0, { listener, ...unlimited(logLines().log), connections });
    server.use(pair);
  };
  const open = async (text = ''): Promise<RawConnection> => {
    const connection = await rawConnection(server.port, text);
    sockets.push(connection.socket);
    if (text !== '') await connection.receives('served');
    return connection;
  };
  const serves = async (connection: RawConnection) => {
    const before = connection.received().length;
    connection.socket.write(GET);
    await eventually('it is answered', () => connection.received().length > before);
  };

  it('stay open as long as there is memory, used or not', async () => {
    await start();
    const four = [await open(), await open(GET), await open(REVIEW), await open()];
    await sleep(100);
    for (const one of four) await serves(one);
    expect(closed).toEqual([]);
    expect(connections.count).toBe(4);
  });

  it('are closed for new ones if memory is short; connections that sent a review are closed last', async () => {
    await start();
    const first = await open(GET);
    const known = [await open(REVIEW), await open(REVIEW), await open(REVIEW)];
    const second = await open();
    await first.closed;
    const third = await open();
    await second.closed;
    for (const one of [...known, third]) await serves(one);
    expect(closed).toEqual(['room', 'room']);
    expect(connections.count).toBe(4);
  });

  it('count from before the end of their handshake, and never block a new connection', async () => {
    await start();
    const silent = Array.from({ length: 30 }, () => {
      const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      return socket;
    });
    await eventually(
      'all but four are closed',
      () => silent.filter(({ destroyed }) => destroyed).length >= 26,
    );
    const known = await open(REVIEW);
    await serves(known);
    expect(connections.count).toBeLessThanOrEqual(4);
  });

  it('are not closed while a review waits for its answer, however long that takes', async () => {
    const decide: (() => void)[] = [];
    await start({}, (request, response) => {
      if (request.url === '/review') connections.reviewCame(request);
      decide.push(() => response.end('served'));
    });
    const waiting = await rawConnection(server.port, REVIEW);
    sockets.push(waiting.socket);
    await eventually('the review waits', () => decide.length === 1);
    for (let count = 0; count < 10; count++) await open();
    await eventually('six are closed', () => closed.length >= 6);
    decide[0]?.();
    await waiting.receives('served');
  });

  it('serve one request after the other', async () => {
    await start();
    const one = await open(REVIEW);
    for (let count = 0; count < 5; count++) await serves(one);
    expect(closed).toEqual([]);
  });

  it('are closed when a request arrives before the previous one is answered', async () => {
    await start();
    const { socket, closed: end } = await rawConnection(server.port, GET.replace('/', '/slow').repeat(1_000));
    sockets.push(socket);
    expect(await end).toBe('');
    expect(asked).toEqual(['/slow']);
    expect(closed).toEqual(['pipelining']);
    await serves(await open(GET));
  });

  it('are closed when the client does not read its answer', async () => {
    await start({ answerPatience: 200 }, (_, response) => response.end(Buffer.alloc(30 * MIB)));
    const { socket } = await rawConnection(server.port);
    sockets.push(socket);
    socket.pause().write(GET);
    await eventually('one is closed', () => closed.length > 0);
    expect(closed).toEqual(['unread']);
    await eventually('all have ended', () => connections.count === 0);
  });

  it('have the full time to send an answer, however long the webhook needed for it', async () => {
    let made = Infinity;
    await start({}, (request, response) => {
      connections.reviewCame(request);
      void sleep(200).then(() => {
        made = performance.now();
        response.end(Buffer.alloc(30 * MIB));
      });
    });
    const { socket } = await rawConnection(server.port);
    sockets.push(socket);
    socket.pause().write(REVIEW);
    await eventually('it sends', () => [...connections].some(({ state }) => state === 'sending'));
    expect([...connections][0]?.since).toBeGreaterThanOrEqual(made);
  });

  it('count with the memory of the buffers that they keep', async () => {
    await start({ most: 500_000, each: 1_000 });
    for (let count = 0; count < 20; count++) await open(withBody(60_000));
    await eventually('14 are closed', () => closed.length === 14);
    expect(connections.bytes).toBeLessThan(500_000);
  });

  it('have a correct sum of memory while they open, are used and close', async () => {
    await start({ most: 500_000, each: 1_000 });
    const sum = () => [...connections].reduce((bytes, { bytes: one }) => bytes + one, 0);
    for (let count = 1; closed.length < 3; count++) {
      const { socket } = await open(withBody(count * 4_000));
      expect(connections.bytes).toBe(sum());
      if (count % 3 === 0) socket.destroy();
    }
    await sleep(50);
    expect(connections.bytes).toBe(sum());
    expect([...connections].filter((one) => one.weigh() !== 0)).toEqual([]); // all received data was counted
    for (const socket of sockets) socket.destroy();
    await eventually('all have ended', () => connections.count === 0);
    expect(connections.bytes).toBe(0);
  });

  it('are measured immediately when data arrives, not only at the next check of all connections', async () => {
    let before = 0;
    await start({ interval: 60_000 }, (request, response) => {
      before = connections.bytes;
      request.once('data', () => connections.weigh(request.socket));
      request.resume().on('end', () => response.end('served'));
    });
    await open(withBody(40_000));
    expect(connections.bytes - before).toBeGreaterThan(10_000);
  });

  it('count with the memory of a handshake that does not end', async () => {
    await start({ most: 500_000, each: 1_000 });
    for (let count = 0; count < 10; count++) hello(3);
    await eventually('5 are closed', () => closed.length === 5);
    expect(connections.bytes).toBeLessThan(500_000);
    expect(new Set(closed)).toEqual(new Set(['room']));
  });

  it('are closed when a handshake is larger than any real one, even if there is memory', async () => {
    await start({ most: Infinity });
    for (let count = 0; count < 10; count++) hello(7);
    await eventually('10 are closed', () => closed.length === 10);
    expect(new Set(closed)).toEqual(new Set(['handshake']));
    await serves(await open(GET));
  });

  /** Sends the beginning of the longest ClientHello that OpenSSL accepts, in this many records of 16,000 bytes. */
  function hello(records: number): void {
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    for (let index = 0; index < records; index++) {
      const record = Buffer.alloc(16_005, 3);
      record.set([22, 3, 1, 16_000 >> 8, 16_000 & 255]);
      if (index === 0) record.set([1, 1, 0xff, 0xb8], 5);
      socket.write(record);
    }
  }
});

function withBody(length: number): string {
  return GET.replace('\r\n\r\n', `\r\nContent-Length: ${length}\r\n\r\n${' '.repeat(length)}`);
}
