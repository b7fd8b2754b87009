import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A listening server. */
export interface Listening {
  readonly port: number;
  /** Stops at once, and closes all connections. */
  close(): Promise<void>;
}

/** Starts an HTTP or HTTPS server. */
export async function listen(server: Server, port: number, host: string): Promise<Listening> {
  // closeAllConnections would leave out TLS connections during their handshake.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, listening);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens at no port');
  return {
    port: address.port,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
