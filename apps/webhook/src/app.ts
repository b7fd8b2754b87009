import Router from '@koa/router';
import Koa, { HttpError, type Context, type Next } from 'koa';
import type { Logger } from './log.ts';
import { INSTANCE_PATH, type InstanceInfo } from './readiness.ts';

/** What the HTTP interface is made of. */
export interface AppOptions {
  readonly paths: readonly string[];
  readonly review: (ctx: Context) => Promise<void>;
  readonly instance: () => InstanceInfo;
  readonly isDraining: () => boolean;
  readonly log: Logger;
}

/** The webhook's HTTP interface: reviews, and the replicas' word to each other. */
export function createApp({ paths, review, instance, isDraining, log }: AppOptions): Koa {
  const router = new Router();
  for (const path of paths) router.post(path, review);
  router.get(INSTANCE_PATH, (ctx) => {
    ctx.body = instance();
  });

  const app = new Koa();
  app.silent = true; // errors are answered and logged below
  app.use(async (ctx: Context, next: Next) => {
    // While draining, the API server is asked to open its next connection elsewhere.
    if (isDraining()) ctx.set('Connection', 'close');
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) ctx.throw(404, 'Nothing is served at this path');
      if (ctx.status === 405) ctx.throw(405, 'Reviews are sent with POST');
    } catch (error) {
      refuse(ctx, error, log);
    }
  });
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

/** One plain sentence for the caller, one line for the log, and never a stack. */
function refuse(ctx: Context, error: unknown, log: Logger): void {
  const status = statusOf(error);
  const allow = ctx.response.get('Allow');
  const message =
    error instanceof HttpError && error.expose
      ? error.message
      : (SENTENCES[status] ?? 'The webhook failed unexpectedly');
  if (status >= 500)
    log.error(
      { status, path: ctx.path, error: error instanceof Error ? error.name : typeof error },
      'a request failed',
    );
  else log.warn({ status, path: ctx.path, method: ctx.method }, message);
  ctx.status = status;
  ctx.type = 'text/plain';
  ctx.body = `${message}\n`;
  if (allow) ctx.set('Allow', allow);
  // What is left of a body that nobody read would be taken for the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
}

const SENTENCES: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  413: 'The body is larger than 8 MiB',
};

function statusOf(error: unknown): number {
  const { status } = (typeof error === 'object' && error !== null ? error : {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
