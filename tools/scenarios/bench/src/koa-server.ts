import type { IncomingMessage } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import { pino } from 'pino';
import { Counter, Histogram } from 'prom-client';
import { serve, type BareServerOptions } from './bare-server.ts';

/**
 * The same work as the bare server, with the libraries of the webhook and none of its code: Koa, its router, a log
 * line, a counter and a histogram. The difference to the bare server is the cost of these libraries. The difference
 * to the webhook is the cost of the webhook's own code. It prints its port and ends on SIGTERM.
 */
export function koaServer({ patch, ...options }: BareServerOptions, logFile: string): void {
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: logFile, sync: false, minLength: 4_096 }),
  );
  const admissions = new Counter({ name: 'admissions_total', help: '-', labelNames: ['result'] });
  const duration = new Histogram({ name: 'duration_seconds', help: '-' });
  const router = new Router();
  router.post('/sync', async (ctx) => {
    const started = performance.now();
    const { apiVersion, request } = JSON.parse(await bodyOf(ctx.req)) as {
      apiVersion: string;
      request: Record<'uid' | 'namespace' | 'name' | 'operation', string>;
    };
    const { uid, namespace, name, operation } = request;
    ctx.body = {
      apiVersion,
      kind: 'AdmissionReview',
      response: { uid, allowed: true, patchType: 'JSONPatch', patch },
    };
    const milliseconds = performance.now() - started;
    admissions.inc({ result: 'refreshed' });
    duration.observe(milliseconds / 1000);
    log.info({ uid, namespace, name, operation, result: 'refreshed', milliseconds }, 'admission');
  });
  const handle = new Koa().use(router.routes()).callback();
  serve(options, (request, response) => void handle(request, response));
}

/** Reads the body as the bare server does. */
function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
  });
}
