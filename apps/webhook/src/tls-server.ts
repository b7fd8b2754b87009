import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import type { KeyPair } from './certificate.ts';

/** An HTTPS server whose certificate can be changed while it serves. */
export interface TlsServer {
  readonly port: number;
  /** For connections that are opened from now on. */
  use(pair: KeyPair): void;
  /** Takes no more connections, lets what is in flight finish for at most `patience`, then cuts the rest. */
  close(patience: Milliseconds): Promise<void>;
}

// The API server keeps idle connections for 90 s; if we closed first, its next request could hit a closed one.
const KEEP_ALIVE: Milliseconds = 120_000;
const HEADERS: Milliseconds = 10_000;
const REQUEST: Milliseconds = 30_000;

/** Listens before there is a certificate: until then handshakes fail, and readiness says why. */
export async function startTlsServer(port: number, listener: RequestListener): Promise<TlsServer> {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE, headersTimeout: HEADERS, requestTimeout: REQUEST, noDelay: true },
    listener,
  );
  server.on('tlsClientError', (_, socket) => socket.destroy());
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    use: ({ cert, key }) => server.setSecureContext({ cert, key }),
    async close(patience) {
      const closed = new Promise<void>((done) => server.close(() => done()));
      const late = setTimeout(() => server.closeAllConnections(), patience);
      await closed;
      clearTimeout(late);
    },
  };
}
