import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import type { Certificate } from '@ecr-anywhere/certificates';
import { listen } from './api-servers.ts';

/** A request to a proxy. */
export interface SeenByProxy {
  readonly proxy: string;
  readonly host: string;
  /** The name and the password, as they were sent. */
  readonly credentials?: string;
}

/** Proxies that connect to this machine, whatever host is requested. They use the requested port. */
export interface Proxies {
  /** By name. `wantsPassword` answers 407, `broken` answers 502. */
  readonly ports: Readonly<Record<'http' | 'https' | 'socks5' | 'wantsPassword' | 'broken', number>>;
  readonly seen: SeenByProxy[];
  stop(): void;
}

export async function startProxies(keyPair: Certificate): Promise<Proxies> {
  const seen: SeenByProxy[] = [];
  const sockets = new Set<Socket>();
  const servers = {
    http: createServer(forward(seen)).on('connect', tunnel('http', seen)),
    https: createTlsServer(keyPair, forward(seen)).on('connect', tunnel('https', seen)),
    wantsPassword: createServer((_, response) => void response.writeHead(407).end('no')).on(
      'connect',
      answer(407),
    ),
    broken: createServer((_, response) => void response.writeHead(502).end('<html>')).on(
      'connect',
      answer(502),
    ),
    socks5: createTcpServer((socket) => void socks5(socket, seen)),
  };
  const ports: Record<string, number> = {};
  for (const [name, server] of Object.entries(servers)) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.on('close', () => sockets.delete(socket));
    });
    ports[name] = await listen(server);
  }
  return {
    ports: ports as Proxies['ports'],
    seen,
    stop() {
      for (const server of Object.values(servers)) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Forwards a plain HTTP request, which has its whole URL. */
function forward(seen: SeenByProxy[]) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '');
    seen.push({ proxy: 'http', host: url.hostname, ...credentials(request) });
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onwards = httpRequest(
      { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method: request.method, headers },
      (answered) => {
        response.writeHead(answered.statusCode ?? 0, answered.headers);
        answered.pipe(response);
      },
    );
    request.pipe(onwards);
  };
}

function tunnel(proxy: string, seen: SeenByProxy[]) {
  return (request: IncomingMessage, client: Socket) => {
    const { hostname, port } = new URL(`http://${request.url}`);
    seen.push({ proxy, host: hostname, ...credentials(request) });
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    splice(client, Number(port));
  };
}

function answer(status: number) {
  return (_: IncomingMessage, client: Socket) =>
    client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
}

function credentials(request: IncomingMessage): { credentials?: string } {
  const [, basic] = request.headers['proxy-authorization']?.split(' ') ?? [];
  return basic === undefined ? {} : { credentials: Buffer.from(basic, 'base64').toString() };
}

/** The part of RFC 1928 and 1929 that a client needs: CONNECT, with or without a name and a password. */
async function socks5(client: Socket, seen: SeenByProxy[]): Promise<void> {
  const read = reader(client);
  const [, methods = 0] = await read(2);
  const offered = [...(await read(methods))];
  let given: string | undefined;
  if (offered.includes(2)) {
    client.write(Buffer.of(5, 2));
    const [, nameLength = 0] = await read(2);
    const name = await read(nameLength);
    const [passwordLength = 0] = await read(1);
    given = `${name.toString()}:${(await read(passwordLength)).toString()}`;
    client.write(Buffer.of(1, 0));
  } else client.write(Buffer.of(5, 0));
  const [, , , type] = await read(4);
  const host =
    type === 1
      ? [...(await read(4))].join('.')
      : (await read(type === 4 ? 16 : ((await read(1))[0] ?? 0))).toString();
  const port = (await read(2)).readUInt16BE();
  seen.push({ proxy: 'socks5', host, ...(given !== undefined && { credentials: given }) });
  client.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
  splice(client, port);
}

function reader(socket: Socket): (length: number) => Promise<Buffer> {
  return async (length) => {
    for (;;) {
      const chunk = length === 0 ? Buffer.alloc(0) : (socket.read(length) as Buffer | null);
      if (chunk !== null) return chunk;
      await new Promise((resolve) => socket.once('readable', resolve));
    }
  };
}

function splice(client: Socket, port: number): void {
  const onwards = connect(port, '127.0.0.1').on('error', () => client.destroy());
  client.on('close', () => onwards.destroy());
  onwards.on('close', () => client.destroy());
  client.pipe(onwards).pipe(client);
}
