import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Connections } from './connections.ts';
import { drain } from './draining.ts';
import type { KeyPair } from '../certificate/key-pair.ts';
import { refuseConnect, refuseMalformed } from './malformed-request.ts';
import type { ReportRefusal } from './refusals.ts';

/** An HTTPS server whose certificate can be changed while it serves. */
export interface TlsServer {
  readonly port: number;
  /** Serves with this certificate on connections that are opened from now on. */
  use(pair: KeyPair): void;
  /** Judges clients' certificates by these CAs, in PEM, on connections that are opened from now on. */
  trust(ca: string): void;
  /** Accepts no more connections, lets requests in flight finish for at most `patience`, then closes the rest. */
  close(patience: Milliseconds): Promise<void>;
}

/** What the server is made of. */
export interface TlsServerOptions {
  readonly listener: RequestListener;
  readonly connections: Connections;
  readonly reportRefusal: ReportRefusal;
  /** Whether clients are asked for a certificate. None has to show one. */
  readonly asksForCertificate?: boolean | undefined;
  readonly limits?: Partial<typeof LIMITS>;
}

const LIMITS = {
  // The API server keeps idle connections for 90 s. If the webhook closed first, its next request could hit a closed one.
  keepAliveTimeout: 120_000,
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};

/** The API server sends about ten. More are dropped, since short headers take about ten times their length in memory. */
export const MOST_HEADERS = 64;

/** Starts to listen, even before there is a certificate. Until then handshakes fail, and readiness says why. */
export async function startTlsServer(
  port: number,
  { listener, connections, reportRefusal, asksForCertificate = false, limits }: TlsServerOptions,
): Promise<TlsServer> {
  const timeouts = { ...LIMITS, ...limits };
  const answer = connections.oneAtATime(listener);
  // The listener refuses a request without a host, and ignores an expectation: Node's own refusals write no line of log.
  const server = createServer(
    {
      ...timeouts,
      noDelay: true,
      requireHostHeader: false,
      requestCert: asksForCertificate,
      rejectUnauthorized: false,
    },
    answer,
  );
  server.maxHeadersCount = MOST_HEADERS;
  server.on('checkExpectation', answer);
  connections.watch(server);
  server.on('connect', refuseConnect(reportRefusal));
  const refuse = refuseMalformed(reportRefusal);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // The API server also opens connections before it needs them. Node counts them as slow requests.
    const isUnused = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
    if (isUnused) socket.setTimeout(timeouts.keepAliveTimeout, () => socket.destroy());
    else refuse(error, socket);
  });
  server.on('tlsClientError', (_, socket) => socket.destroy());

  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, listening);
  });
  // Without `ca`, Node would trust the public CAs until `trust` is called.
  let context: SecureContextOptions = asksForCertificate ? { ca: [] } : {};
  // Each context has new keys for session tickets: no client resumes a session that other CAs have judged.
  const renew = (change: SecureContextOptions) =>
    server.setSecureContext((context = { ...context, ...change }));
  return {
    port: (server.address() as AddressInfo).port,
    use: ({ cert, key }) => renew({ cert, key }),
    trust: (ca) => renew({ ca }),
    close: (patience) => drain(server, connections, patience),
  };
}
