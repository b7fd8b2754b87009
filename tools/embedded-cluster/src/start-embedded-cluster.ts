import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, badRequest } from './api-error.ts';
import { Api, type ApiReply, type ApiRequest } from './api.ts';
import { ApiFaults, seededRandom, type ApiFault, type ApiFaultScope } from './faults.ts';
import { expired } from './lists.ts';

/** A small API server on loopback. */
export interface EmbeddedCluster {
  readonly url: string;
  /** Orders a fault; without one, calls all of them off. */
  fault(fault?: ApiFault, scope?: ApiFaultScope): void;
  /** How many requests came by each method, and how many reviews were sent. */
  counts(): { readonly requests: Readonly<Record<string, number>>; readonly reviews: number };
  stop(): Promise<void>;
}

export async function startEmbeddedCluster({ port = 0, seed = 1 } = {}): Promise<EmbeddedCluster> {
  const api = new Api();
  const faults = new ApiFaults(seededRandom(seed));
  const requests: Record<string, number> = {};

  const handle = async (message: IncomingMessage, response: ServerResponse) => {
    const method = message.method ?? 'GET';
    const url = new URL(message.url ?? '/', 'http://cluster');
    requests[method] = (requests[method] ?? 0) + 1;
    const text = await read(message);
    const fault = faults.strike(method, url);
    if (fault?.kind === 'reset') return void message.socket.destroy();
    if (fault?.kind === 'latency') await sleep(fault.milliseconds);
    try {
      if (fault?.kind === 'status') throw ordered(fault.code, fault.retryAfterSeconds);
      if (fault?.kind === 'expired-continue') throw expired(url.searchParams.get('continue') ?? '');
      send(response, await api.answer(requestOf(method, url, message, text)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { retryAfterSeconds } = error.extra;
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
      send(response, { code: error.code, body: error.toStatus() });
    }
  };
  const server = createServer({ keepAliveTimeout: 120_000 }, (message, response) => {
    handle(message, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: (fault, scope) => faults.order(fault, scope),
    counts: () => ({ requests: { ...requests }, reviews: api.webhooks.calls }),
    async stop() {
      api.webhooks.stop();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function requestOf(method: string, url: URL, { headers }: IncomingMessage, text: string): ApiRequest {
  return {
    method,
    url,
    accept: headers.accept ?? '',
    contentType: (headers['content-type'] ?? '').split(';', 1)[0] ?? '',
    body: text === '' ? undefined : parse(text),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("the object provided is unrecognized: couldn't get version/kind; json parse error");
  }
}

function ordered(code: number, retryAfterSeconds: number | undefined): ApiError {
  const words: Readonly<Record<number, [string, string]>> = {
    409: [
      'Conflict',
      'Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again',
    ],
    429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
    500: ['InternalError', 'Internal error occurred: etcdserver: leader changed'],
    503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
    504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
  };
  const [reason, message] = words[code] ?? ['', 'an error that was ordered'];
  return new ApiError(code, reason, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, { code, body, warnings = [] }: ApiReply): void {
  if (warnings.length > 0) {
    response.setHeader(
      'warning',
      warnings.map((text) => `299 - "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`),
    );
  }
  const text = JSON.stringify(body);
  response
    .writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
