import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../client/api-call.ts';
import { apiClient } from '../client/api-client.ts';
import type { Access } from '../kubeconfig/access.ts';

/** An answer, a connection that is reset, or no answer. */
export type Reply =
  { status?: number; headers?: Record<string, string | string[]>; body: unknown } | 'reset' | 'silence';

/** How long the clients wait for an answer. A test of a silent server moves Jest's timers by this time. */
export const CLIENT_TIMEOUT = 30_000;

/** An HTTP server that sends these replies in order, and then empty lists. A string is sent as it is. */
export interface FakeApiServer {
  readonly url: string;
  readonly seen: { method: string; url: URL; accept: string; type: string; body: string }[];
  replies: Reply[];
  /** A client without pauses between attempts. */
  readonly call: ApiClient;
  /** A client with pauses, until the signal. */
  callUntil(signal: AbortSignal): ApiClient;
  /** How long the clients of `callUntil` wait between attempts. Each pause is added when it begins. */
  readonly pauses: number[];
  stop(): void;
}

export async function startFakeApiServer(): Promise<FakeApiServer> {
  const seen: FakeApiServer['seen'] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://cluster');
      const { accept = '', 'content-type': type = '' } = request.headers;
      seen.push({ method: request.method ?? '', url, accept, type, body });
      const reply = fake.replies.shift() ?? { body: { kind: 'PartialObjectMetadataList', items: null } };
      if (reply === 'reset') return void request.socket.destroy();
      if (reply === 'silence') return;
      const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
      response.writeHead(reply.status ?? 200, reply.headers).end(text);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const access = accessTo(url);
  const client = { access, random: () => 0, userAgent: 'test', timeout: CLIENT_TIMEOUT };
  const fake: FakeApiServer = {
    url,
    seen,
    replies: [],
    call: apiClient({
      ...client,
      signal: new AbortController().signal,
      wait: () => Promise.resolve(),
    }),
    callUntil: (signal) =>
      apiClient({
        ...client,
        signal,
        wait(pause) {
          fake.pauses.push(pause);
          return sleep(pause, undefined, { signal });
        },
      }),
    pauses: [],
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return fake;
}

/** Access to a server without credentials. */
export function accessTo(server: string): Access {
  return {
    server: new URL(server),
    trust: { ca: undefined, serverName: undefined, skipsVerification: false, where: 'the test' },
    proxy: undefined,
    identity: {},
    namespace: 'default',
  };
}

/** A Status, with which the API server refuses. */
export function status(code: number, message: string, headers: Record<string, string> = {}): Reply {
  return { status: code, headers, body: { kind: 'Status', code, message } };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
  return body;
}

/** An object as a client sees it that asks for metadata only. */
export function metadata(metadata: object, code = 200): Reply {
  return { status: code, body: { kind: 'PartialObjectMetadata', metadata } };
}
