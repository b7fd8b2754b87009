import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** What TLS found out about the client of a connection. */
export interface TlsClient {
  /** Undefined if the client showed none. */
  readonly certificate: ShownCertificate | undefined;
}

/** The certificate that a client showed. TLS has verified that the client has its key. */
export interface ShownCertificate {
  /** Why no CA vouches for it as a client: OpenSSL's code; undefined if one does. */
  readonly problem: string | undefined;
  /** Undefined if it has none, or more than one. */
  readonly commonName: string | undefined;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/**
 * The clients of all connections, as OpenSSL judged them in their handshake. The verdict is kept and not asked for again, so
 * that nothing that happens later on the connection can change it.
 */
export class TlsClients {
  #known = new WeakMap<Socket, TlsClient>();

  /** A handshake has ended. */
  record(socket: TLSSocket): void {
    this.#known.set(socket, { certificate: certificateOf(socket) });
  }

  /** Undefined if the CAs have changed since its handshake. */
  of(socket: Socket): TlsClient | undefined {
    return this.#known.get(socket);
  }

  /** The CAs have changed: what was judged by the earlier ones is not believed any more. */
  forgetAll(): void {
    this.#known = new WeakMap();
  }
}

function certificateOf(socket: TLSSocket): ShownCertificate | undefined {
  const { subject, valid_to: notAfter } = socket.getPeerCertificate();
  if (subject === undefined) return undefined;
  // Node's types say that there is one name. A certificate with several gives an array.
  const commonName: unknown = subject.CN;
  return {
    problem: socket.authorized ? undefined : String(socket.authorizationError),
    commonName: typeof commonName === 'string' ? commonName : undefined,
    notAfter: Date.parse(notAfter),
  };
}
