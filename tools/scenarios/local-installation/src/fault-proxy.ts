import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFaults, faultyAnswer, seededRandom, type EmbeddedCluster } from '@ecr-anywhere/embedded-cluster';
import { Agent, request, type Dispatcher } from 'undici';
import type { Certificate } from '@ecr-anywhere/certificates';
import type { Connection } from './kubernetes-api.ts';

/** How to start the proxy. */
export interface FaultProxyOptions {
  /** Loopback by default. */
  readonly host?: string;
  /** For faults with a probability. */
  readonly seed?: number;
  /** For TLS. Clients send no token over plain HTTP. */
  readonly tls?: Certificate;
}

/** A proxy in front of a real API server. Tests can order the same faults from it as from the embedded cluster. */
export interface FaultProxy {
  /** A request without a token is sent as the administrator. */
  readonly url: string;
  /** Orders a fault. Without an argument, cancels all of them. */
  readonly fault: EmbeddedCluster['fault'];
  stop(): Promise<void>;
}

/** Headers of one connection, and headers that undici writes itself. */
const OF_A_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect', 'host'];

/** Starts a proxy in front of `target`. */
export async function startFaultProxy(
  { url: target, ca, cert, key }: Connection,
  { host = '127.0.0.1', seed = 1, tls }: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const trusted = ca === undefined ? {} : { ca };
  const administrator = new Agent({ connect: { ...trusted, cert, key }, connections: 100 });
  // A client certificate would take precedence over a token.
  const anybody = new Agent({ connect: trusted, connections: 100 });
  const faults = new ApiFaults(seededRandom(seed));
  const stopping = new AbortController();

  const handle = async (message: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', headers } = message;
    const url = new URL(message.url ?? '/', target);
    const body = await buffer(message);
    const fault = faults.strike(method, url);
    if (fault?.kind === 'reset') return void message.socket.destroy();
    if (fault?.kind === 'latency') await sleep(fault.milliseconds, undefined, { signal: stopping.signal });
    const ordered = faultyAnswer(fault, url);
    if (ordered !== undefined) {
      const { retryAfterSeconds } = ordered.details ?? {};
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
      response.writeHead(ordered.code, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify(ordered.toStatus()));
    }
    const answer = await request(url, {
      dispatcher: headers.authorization === undefined ? administrator : anybody,
      method: method as Dispatcher.HttpMethod,
      headers: forwarded(headers),
      body: body.length > 0 ? body : null,
      signal: stopping.signal,
    });
    const content = Buffer.from(await answer.body.arrayBuffer());
    if (fault?.kind === 'lost-answer') return void message.socket.destroy();
    response.writeHead(answer.statusCode, forwarded(answer.headers)).end(content);
  };

  const listener = (message: IncomingMessage, response: ServerResponse) => {
    handle(message, response).catch(() => response.destroy());
  };
  const options = { keepAliveTimeout: 120_000 };
  const server = tls ? createTlsServer({ ...options, ...tls }, listener) : createServer(options, listener);
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(0, host, listening);
  });
  return {
    url: `${tls ? 'https' : 'http'}://${host}:${(server.address() as AddressInfo).port}`,
    fault: (fault, scope) => faults.order(fault, scope),
    async stop() {
      stopping.abort();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await Promise.all([closed, administrator.destroy(), anybody.destroy()]);
    },
  };
}

function forwarded<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_A_CONNECTION.includes(name)));
}
