import Router from '@koa/router';
import type { IncomingMessage } from 'node:http';
import Koa, { HttpError, type Context, type Next } from 'koa';
import type { Callers } from '../callers/callers.ts';
import { callSites } from '../operations/call-sites.ts';
import { BodyError } from './body-reader.ts';
import { isRefused } from './malformed-request.ts';
import { INSTANCE_PATH, type InstanceInfo } from './instance.ts';
import type { ReportRefusal } from './refusals.ts';
import { pathOfTarget } from './request-target.ts';

/** What the HTTP interface is made of. */
export interface AppOptions {
  /** Where reviews are sent, and by whom. */
  readonly routes: Callers['routes'];
  readonly review: (ctx: Context) => Promise<void>;
  readonly instance: () => InstanceInfo;
  /** Whether the connection of a request is closed after the answer. It is asked when the answer is made. */
  readonly isLast: (request: IncomingMessage) => boolean;
  readonly reportRefusal: ReportRefusal;
}

/** The webhook's HTTP interface: reviews, and what replicas tell each other. */
export function createApp({ routes, review, instance, isLast, reportRefusal }: AppOptions): Koa {
  const router = new Router();
  // The first route that matches answers: no path of reviews may answer in the place of this one.
  router.all(INSTANCE_PATH, (ctx) => {
    if (!isReading(ctx)) refuseMethod(ctx, 'GET, HEAD', 'Replicas are asked with GET');
    ctx.body = instance();
  });
  // `all` and not `post`, so that whoever may not send a review does not learn from another method that there is a path.
  for (const { path, serves, refusal } of routes)
    router.all(path, async (ctx) => {
      const refused = refusal(ctx.req, ctx.params);
      if (refused) ctx.throw(404, NOTHING_SERVED, { mode: refused.mode, reason: refused.text });
      if (serves === 'reviews') {
        if (ctx.method !== 'POST') refuseMethod(ctx, 'POST', 'Reviews are sent with POST');
        await review(ctx);
      } else if (serves === 'nothing') {
        respond(ctx, 404, NOTHING_SERVED);
      } else {
        if (!isReading(ctx)) refuseMethod(ctx, 'GET, HEAD', 'This document is read with GET');
        ctx.body = serves.document;
      }
    });
  const app = new Koa();
  app.silent = true; // errors are answered and logged below
  app.use(async (ctx: Context, next: Next) => {
    try {
      if (ctx.req.headers.host === undefined) ctx.throw(400, 'The request names no host');
      const path = pathOfTarget(ctx.req.url);
      if (path === undefined) ctx.throw(400, 'The target of the request is neither a path nor a URL');
      ctx.req.url = path; // Koa fails to parse some URLs
      await next();
      if (ctx.status === 404 && ctx.body === undefined) ctx.throw(404, NOTHING_SERVED);
    } catch (error) {
      refuse(ctx, error, reportRefusal);
    }
    if (isLast(ctx.req)) ctx.set('Connection', 'close');
  });
  app.use(router.routes());
  return app;
}

/** What an unknown path and a caller who is refused get alike. */
const NOTHING_SERVED = 'Nothing is served at this path';

function isReading({ method }: Context): boolean {
  return method === 'GET' || method === 'HEAD';
}

function refuseMethod(ctx: Context, allow: string, sentence: string): never {
  ctx.set('Allow', allow);
  ctx.throw(405, sentence);
}

/** Answers with one sentence, without a stack, and logs one line. */
function refuse(ctx: Context, error: unknown, reportRefusal: ReportRefusal): void {
  if (isRefused(ctx.req.socket)) return; // its body was malformed
  const status = statusOf(error);
  const allow = ctx.response.get('Allow');
  const sentence = isForCaller(error) ? error.message : SENTENCES[status];
  const message = sentence ?? 'The webhook failed unexpectedly';
  const details = sentence === undefined ? detailsOf(error) : reasonOf(error);
  reportRefusal(
    { status, path: pathForLog(ctx), method: ctx.method, ...details },
    sentence ?? 'a request failed',
  );
  respond(ctx, status, message);
  if (allow) ctx.set('Allow', allow);
  // The rest of an unread body would be parsed as the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
}

function respond(ctx: Context, status: number, sentence: string): void {
  ctx.status = status;
  ctx.type = 'text/plain';
  ctx.body = `${sentence}\n`;
}

function detailsOf(defect: unknown): { error: string; stack: readonly string[] | undefined } {
  return { error: defect instanceof Error ? defect.name : typeof defect, stack: callSites(defect) };
}

/** Why a caller was refused, and by the check of which mode. */
function reasonOf(error: unknown): { mode?: string; reason?: string } {
  const { mode, reason } = error as { mode?: string; reason?: string };
  return mode === undefined || reason === undefined ? {} : { mode, reason };
}

/** The first part of a path, if it is shorter than the key that may stand in a path (`callers/path.ts`). */
const FIRST_PART = /^\/[\w.~-]{0,31}(?![\w.~-])/;

/**
 * The route that a request matched, since a parameter of a route may be a secret. Of a path without a route only the first
 * part: it may be almost the path with the secret.
 */
function pathForLog(ctx: Context): string | undefined {
  const { _matchedRoute: route } = ctx as { _matchedRoute?: string | RegExp };
  // Of the request, as Koa's own path may be what failed.
  return route === undefined ? FIRST_PART.exec(ctx.req.url ?? '')?.[0] : String(route);
}

const SENTENCES: Readonly<Record<number, string>> = { 400: 'The request is malformed' };

function isForCaller(error: unknown): error is Error {
  return (error instanceof HttpError || error instanceof BodyError) && error.expose;
}

function statusOf(error: unknown): number {
  const { status } = (typeof error === 'object' && error !== null ? error : {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
