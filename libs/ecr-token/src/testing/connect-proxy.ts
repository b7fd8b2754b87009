import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy that understands CONNECT and leads every tunnel to one local port, whatever host was asked for. */
export interface ConnectProxy {
  readonly port: number;
  /** What tunnels were asked for, such as `api.ecr.us-east-1.amazonaws.com:443`. */
  readonly tunnels: string[];
  /** `Proxy-Authorization` of the last one. */
  authorization(): string | undefined;
  /** How many connections to it are open. */
  connections(): number;
  stop(): Promise<void>;
}

/** What it does with a CONNECT: tunnels to a port, answers with a status, or says nothing. */
export type Conduct = { readonly tunnelTo: number } | { readonly refuseWith: number } | 'silent';

export async function startConnectProxy(conduct: Conduct): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Duplex>();
  let authorization: string | undefined;
  const server = createServer();
  server.on('connection', (socket: Socket) => track(socket));
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    tunnels.push(request.url ?? '');
    authorization = request.headers['proxy-authorization'];
    client.on('error', () => client.destroy());
    if (conduct === 'silent') {
      client.on('end', () => client.end()).resume();
      return;
    }
    if ('refuseWith' in conduct) {
      client.end(`HTTP/1.1 ${conduct.refuseWith} No\r\nContent-Length: 20\r\n\r\n<html>blocked</html>`);
      return;
    }
    const upstream = connect(conduct.tunnelTo, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    track(upstream);
  });
  function track(socket: Duplex): void {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    authorization: () => authorization,
    connections: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
