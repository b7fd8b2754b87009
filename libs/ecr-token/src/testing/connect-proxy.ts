import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy for CONNECT. It connects every tunnel to one local port, for any requested host. */
export interface ConnectProxy {
  readonly port: number;
  /** The requested tunnels, such as `api.ecr.us-east-1.amazonaws.com:443`. */
  readonly tunnels: string[];
  /** `Proxy-Authorization` of the last request. */
  authorization(): string | undefined;
  /** The number of open connections to the proxy. */
  connections(): number;
  stop(): Promise<void>;
}

/** The reaction to a CONNECT: a tunnel to a port, a status, or no answer. */
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
