import Router from '@koa/router';
import Koa, { HttpError, type Context, type Next } from 'koa';
import type { CallerCheck } from '../callers/caller-check.ts';
import { callSites } from '../operations/call-sites.ts';
import { BodyError } from './body-reader.ts';
import { isRefused } from './malformed-request.ts';
import { INSTANCE_PATH, type InstanceInfo } from './instance.ts';
import type { ReportRefusal } from './refusals.ts';
import { pathOfTarget } from './request-target.ts';

/** What the HTTP interface is made of. */
export interface AppOptions {
  /** Where reviews are sent. */
  readonly paths: readonly string[];
  readonly caller: CallerCheck;
  readonly review: (ctx: Context) => Promise<void>;
  readonly instance: () => InstanceInfo;
  readonly isDraining: () => boolean;
  readonly reportRefusal: ReportRefusal;
}

/** The webhook's HTTP interface: reviews, and what replicas tell each other. */
export function createApp({ paths, caller, review, instance, isDraining, reportRefusal }: AppOptions): Koa {
  const checkedReview = async (ctx: Context): Promise<void> => {
    const reason = caller.refusal(ctx.req);
    if (reason !== undefined) ctx.throw(404, NOTHING_SERVED, { reason });
    await review(ctx);
  };
  const router = new Router();
  for (const path of paths) router.post(path, checkedReview);
  caller.addRoutes?.(router, checkedReview);
  router.get(INSTANCE_PATH, (ctx) => {
    ctx.body = instance();
  });
  // After the other router, so that reviews do not pass through it.
  const otherMethods = new Router();
  otherMethods.all([...paths], notAllowed('POST', 'Reviews are sent with POST'));
  otherMethods.all(INSTANCE_PATH, notAllowed('GET, HEAD', 'Replicas are asked with GET'));

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
    // While draining: the API server is to open its next connection to another replica.
    if (isDraining()) ctx.set('Connection', 'close');
  });
  app.use(router.routes());
  app.use(otherMethods.routes());
  return app;
}

/** What an unknown path and a caller who is refused get alike. */
const NOTHING_SERVED = 'Nothing is served at this path';

/** For `all`, as Node knows more methods than any list here would. */
function notAllowed(allow: string, sentence: string) {
  return (ctx: Context): void => {
    ctx.set('Allow', allow);
    ctx.throw(405, sentence);
  };
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
  ctx.status = status;
  ctx.type = 'text/plain';
  ctx.body = `${message}\n`;
  if (allow) ctx.set('Allow', allow);
  // The rest of an unread body would be parsed as the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
}

function detailsOf(defect: unknown): { error: string; stack: readonly string[] | undefined } {
  return { error: defect instanceof Error ? defect.name : typeof defect, stack: callSites(defect) };
}

/** Why a caller was refused. */
function reasonOf(error: unknown): { reason?: string } {
  const { reason } = error as { reason?: string };
  return reason === undefined ? {} : { reason };
}

const MAX_LOGGED_PATH_LENGTH = 200;

/** The route that a request matched: a parameter of a route may be a secret. Only a path without a route is shown itself. */
function pathForLog(ctx: Context): string | undefined {
  const { _matchedRoute: route } = ctx as { _matchedRoute?: string | RegExp };
  // Of the request, as Koa's own path may be what failed.
  return (route === undefined ? ctx.req.url : String(route))
    ?.slice(0, MAX_LOGGED_PATH_LENGTH)
    .split('?', 1)[0];
}

const SENTENCES: Readonly<Record<number, string>> = { 400: 'The request is malformed' };

function isForCaller(error: unknown): error is Error {
  return (error instanceof HttpError || error instanceof BodyError) && error.expose;
}

function statusOf(error: unknown): number {
  const { status } = (typeof error === 'object' && error !== null ? error : {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
