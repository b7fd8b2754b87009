import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { TlsClients } from '../callers/tls-clients.ts';
import type { Connections } from './connections.ts';
import { drain } from './draining.ts';
import type { KeyPair } from '../certificate/key-pair.ts';
import { refuseConnect, refuseMalformed } from './malformed-request.ts';
import type { ReportRefusal } from './refusals.ts';

/** An HTTPS server whose certificate can be changed while it serves. */
export interface TlsServer {
  readonly port: number;
  /**
   * Serves with this certificate on connections that are opened from now on.
   *
   * @throws Error if TLS cannot use it; the server then goes on as before
   */
  use(pair: KeyPair): void;
  /**
   * Judges clients' certificates by these CAs, in PEM. What earlier CAs have judged is forgotten: idle connections are
   * closed, and those with a request are unknown to `clients`.
   *
   * @throws Error if TLS cannot use them; the server then goes on as before
   */
  trust(ca: string): void;
  /** Accepts no more connections, lets requests in flight finish for at most `patience`, then closes the rest. */
  close(patience: Milliseconds): Promise<void>;
}

/** What the server is made of. */
export interface TlsServerOptions {
  /** The IP address to listen on; all addresses if undefined. */
  readonly address?: string | undefined;
  readonly listener: RequestListener;
  readonly connections: Connections;
  readonly reportRefusal: ReportRefusal;
  /** Gets what TLS finds out about clients. With it, clients are asked for a certificate. None has to show one. */
  readonly clients?: TlsClients | undefined;
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

/**
 * For clients that are asked for a certificate. Each connection has one handshake, so that each certificate is judged by the
 * CAs of now, and stays the one that was judged.
 */
const ASKING: SecureContextOptions = {
  // Without it, Node would trust the public CAs until `trust` is called.
  ca: [],
  // Node keeps no sessions by itself. Without tickets, no client can resume one, in TLS 1.3 either.
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  // As in Go, and thus in Kubernetes: a CA is trusted whether or not the CA above it is known.
  allowPartialTrustChain: true,
};

/** Starts to listen, even before there is a certificate. Until then handshakes fail, and readiness says why. */
export async function startTlsServer(
  port: number,
  { address, listener, connections, reportRefusal, clients, limits }: TlsServerOptions,
): Promise<TlsServer> {
  const timeouts = { ...LIMITS, ...limits };
  const answer = connections.oneAtATime(listener);
  // The listener refuses a request without a host, and ignores an expectation: Node's own refusals write no line of log.
  const server = createServer(
    {
      ...timeouts,
      noDelay: true,
      requireHostHeader: false,
      requestCert: clients !== undefined,
      rejectUnauthorized: false,
      // `setSecureContext` ignores `allowPartialTrustChain`. Clients that send no name get its context, which trusts less.
      ...(clients && { SNICallback: (_: string, use: UseContext) => use(null, context) }),
    },
    answer,
  );
  server.maxHeadersCount = MOST_HEADERS;
  server.on('checkExpectation', answer);
  connections.watch(server);
  if (clients) server.on('secureConnection', (socket: TLSSocket) => clients.record(socket));
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
    server.listen(port, address, listening);
  });
  let options: SecureContextOptions = clients ? ASKING : {};
  let context: SecureContext | undefined;
  let trusted: string | undefined;
  const renew = (change: SecureContextOptions) => {
    const changed = { ...options, ...change };
    const renewed = createSecureContext(changed); // throws before anything changes
    server.setSecureContext(changed);
    options = changed;
    if (clients) context = renewed;
  };
  return {
    port: (server.address() as AddressInfo).port,
    use: ({ cert, key }) => renew({ cert, key }),
    trust(ca) {
      if (ca === trusted) return;
      renew({ ca: [ca] }); // without the list, an empty text would mean the public CAs
      trusted = ca;
      clients?.forgetAll();
      // A handshake that is under way may have begun with the earlier CAs. It ends here, and so cannot be recorded.
      for (const connection of connections)
        if (connection.state === 'idle' && !connection.isBegun) connection.close();
    },
    close: (patience) => drain(server, connections, patience),
  };
}

type UseContext = (error: Error | null, context?: SecureContext) => void;
