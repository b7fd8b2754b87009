import type { IncomingMessage } from 'node:http';
import type { RefusedCallerReason } from '../operations/caller-metrics.ts';
import type { CallerMode } from './caller-settings.ts';
import type { TlsClient } from './tls-clients.ts';

/** A way to tell the API server from others who reach the port. The answer to a review holds a credential. */
export interface CallerCheck {
  readonly mode: CallerMode;
  readonly routes: readonly CallerRoute[];
  /** Whether TLS asks clients for a certificate. It demands none: replicas ask each other without one. */
  readonly asksForCertificate?: boolean;
  /**
   * Begins to follow what it trusts.
   *
   * @param trust - takes certificates of CAs, in PEM; TLS judges clients by them from the next connection on
   */
  start?(trust: (ca: string) => void): void;
  stop?(): void;
  /** Why this replica cannot tell callers apart yet; undefined if it can. */
  unready?(): string | undefined;
}

/** A path that a check brings. Other paths of the port are not its subject. */
export interface CallerRoute {
  /**
   * A path of `@koa/router`. The log shows this path and not the path of a request, so that whatever must stay secret goes
   * into a parameter: `/sync/:key`.
   */
  readonly path: string;
  /**
   * What a caller gets who is not refused:
   *
   * - `reviews`: the answer to a review that is sent with POST
   * - `nothing`: a 404 that is neither logged nor counted, because the API server is known to ask in vain
   * - a document, by GET
   */
  readonly serves: 'reviews' | 'nothing' | { readonly document: object };
  /** Why a caller is refused; undefined if it is not. It is asked for every request, before the body is read. */
  refusal(caller: Caller): CallerRefusal | undefined;
}

/** Who sends a request. */
export interface Caller {
  readonly request: Pick<IncomingMessage, 'headersDistinct'>;
  /** The parameters of the path. */
  readonly params: Readonly<Record<string, string>>;
  /** Undefined if the CAs have changed since the handshake, or if TLS asked for no certificate. */
  readonly client: TlsClient | undefined;
}

/** Why a caller is refused. Both parts are for operators: the caller gets the answer of an unknown path. */
export interface CallerRefusal {
  readonly reason: RefusedCallerReason;
  /** For the log. */
  readonly text: string;
}
