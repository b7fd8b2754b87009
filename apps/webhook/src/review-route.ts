import {
  AdmissionDecodeError,
  decodeReview,
  deny,
  encodeAnswer,
  type AdmissionReview,
} from '@ecr-anywhere/admission';
import { parseDuration } from '@ecr-anywhere/settings';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import type { Admission, Admit } from './admission.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { SecretMeta } from './secret.ts';

const LARGEST_BODY = 8 * 1024 * 1024;
const DEFAULT_TIMEOUT = 10_000;
const MARGIN = 2_000;

/** What the route works with. */
export interface ReviewRouteOptions {
  readonly admit: Admit;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Answers a POST of an AdmissionReview. Whatever is no review gets a 4xx with one sentence. */
export function reviewRoute({ admit, log, metrics }: ReviewRouteOptions) {
  return async (ctx: Context): Promise<void> => {
    const review = await readReview(ctx);
    const started = performance.now();
    const admission = await answer(review, patience(ctx.querystring), admit, log);
    const milliseconds = performance.now() - started;
    ctx.type = 'application/json';
    ctx.body = encodeAnswer(admission.review);
    metrics.admission(admission.result, milliseconds / 1000);
    logLine(log, review, admission, milliseconds);
  };
}

type Answered = Omit<Admission, 'result'> & { readonly result: Admission['result'] | 'error' };

async function answer(review: AdmissionReview, limit: number, admit: Admit, log: Logger): Promise<Answered> {
  // Not AbortSignal.timeout: thousands of answered admissions would each keep a timer for seconds.
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException('No time is left', 'TimeoutError')),
    limit,
  );
  try {
    return await admit(review, controller.signal);
  } catch (error) {
    const { uid } = review.request;
    log.error({ uid, error: describe(error) }, 'an admission failed unexpectedly');
    const message = `ECR Anywhere failed unexpectedly; the webhook's log says why, under uid ${uid}`;
    return { review: deny(review, { code: 500, reason: 'InternalError', message }), result: 'error' };
  } finally {
    clearTimeout(timer);
  }
}

async function readReview(ctx: Context): Promise<AdmissionReview> {
  if (!ctx.get('Content-Type').startsWith('application/json'))
    ctx.throw(415, 'Expected an AdmissionReview as application/json');
  const body = await getRawBody(ctx.req, {
    limit: LARGEST_BODY,
    length: ctx.req.headers['content-length'],
  });
  try {
    return decodeReview(JSON.parse(body.toString('utf8')));
  } catch (error) {
    if (error instanceof AdmissionDecodeError) ctx.throw(400, `Not an AdmissionReview: ${error.message}`);
    ctx.throw(400, 'The body is not JSON');
  }
}

/** The API server says how long it waits (`?timeout=10s`); the answer leaves before, with the reason. */
function patience(querystring: string): number {
  const given = parseDuration(/(?:^|&)timeout=([^&]*)/.exec(querystring)?.[1] ?? '');
  const limit = given === undefined || given === 0 ? DEFAULT_TIMEOUT : given;
  return Math.max(1, Math.round(limit - Math.min(MARGIN, limit / 2)));
}

function logLine(
  log: Logger,
  review: AdmissionReview,
  { result, error }: Answered,
  milliseconds: number,
): void {
  const { uid, namespace, name, operation, object } = review.request;
  const line = {
    uid,
    namespace,
    name: name || generatedName(object),
    operation,
    result,
    milliseconds: Math.round(milliseconds * 100) / 100,
    ...(error && { code: error.code, reason: error.message }),
  };
  if (error) log.warn(line, 'admission');
  else log.info(line, 'admission');
}

function generatedName(object: unknown): string | undefined {
  const metadata = (object as { metadata?: SecretMeta | null } | null | undefined)?.metadata;
  return typeof metadata?.generateName === 'string' ? `${metadata.generateName}*` : undefined;
}

/** A stack without its message: what an unexpected error says may hold anything. */
function describe(error: unknown): { name: string; stack: string | undefined } {
  if (!(error instanceof Error)) return { name: typeof error, stack: undefined };
  return { name: error.name, stack: error.stack?.slice(error.stack.indexOf('\n    at ') + 1) };
}
