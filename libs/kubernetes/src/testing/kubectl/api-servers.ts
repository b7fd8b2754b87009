import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '@ecr-anywhere/certificates';

/** A request as it arrived at a server. */
export interface SeenRequest {
  readonly server: string;
  /** The path before `/api/v1`. */
  readonly prefix?: string;
  readonly namespace: string;
  readonly authorization?: string;
  /** The common name of a client's certificate. */
  readonly certificate?: string;
  readonly impersonation?: Readonly<Record<string, readonly string[]>>;
  /** The name of the server in the TLS handshake. */
  readonly serverName?: string;
}

/** API servers that refuse and remember every request. */
export interface ApiServers {
  /** By name. `plain` speaks no TLS, and the certificate of `stranger` is for other names. */
  readonly ports: Readonly<Record<'one' | 'two' | 'stranger' | 'plain', number>>;
  readonly seen: SeenRequest[];
  stop(): void;
}

export async function startApiServers(keyPair: Certificate, strange: Certificate): Promise<ApiServers> {
  const seen: SeenRequest[] = [];
  const listener = (server: string) => (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    seen.push(requestAt(server, request));
    response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
    response.end(
      JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 403, reason: 'Forbidden' }),
    );
  };
  const tls = { ...keyPair, requestCert: true, rejectUnauthorized: false };
  const servers = {
    one: createTlsServer(tls, listener('one')),
    two: createTlsServer(tls, listener('two')),
    stranger: createTlsServer({ ...tls, ...strange }, listener('stranger')),
    plain: createServer(listener('plain')),
  };
  return {
    ports: {
      one: await listen(servers.one),
      two: await listen(servers.two),
      stranger: await listen(servers.stranger),
      plain: await listen(servers.plain),
    },
    seen,
    stop() {
      for (const server of Object.values(servers)) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function requestAt(server: string, request: IncomingMessage): SeenRequest {
  const [, prefix = '', namespace = ''] =
    /^(.*)\/api\/v1\/namespaces\/([^/]+)\//.exec(request.url ?? '') ?? [];
  const { authorization } = request.headers;
  const socket = request.socket as Partial<TLSSocket>;
  const [certificate] = [socket.getPeerCertificate?.().subject?.CN].flat();
  const impersonation = impersonationIn(request.headersDistinct);
  const serverName = socket.servername;
  return {
    server,
    ...(prefix && { prefix }),
    namespace,
    ...(authorization && { authorization }),
    ...(certificate && { certificate }),
    ...(impersonation && { impersonation }),
    ...(serverName && { serverName }),
  };
}

function impersonationIn(headers: NodeJS.Dict<string[]>): SeenRequest['impersonation'] {
  const found = Object.entries(headers)
    .filter(([name]) => name.startsWith('impersonate-'))
    .sort()
    .map(([name, values = []]) => [name, values] as const);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
