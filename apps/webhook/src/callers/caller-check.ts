import type { IncomingMessage } from 'node:http';
import type Router from '@koa/router';
import type { Context } from 'koa';

/** A way to tell the API server from others who reach the port. The answer to a review holds a credential. */
export interface CallerCheck {
  /**
   * Why a review is not taken from whoever sends this request; undefined if it is. The reason is for the log: callers
   * get the answer of a path at which nothing is served. It is asked for every review, before the body is read.
   */
  refusal(request: IncomingMessage): string | undefined;
  /** Whether TLS asks clients for a certificate. It demands none: replicas ask each other without one. */
  readonly asksForCertificate?: boolean;
  /**
   * Adds routes to the paths of the settings. The log shows a route and not the path of a request, so that whatever must
   * stay secret goes into a parameter: `/sync/:key`.
   */
  addRoutes?(router: Router, review: (ctx: Context) => Promise<void>): void;
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
