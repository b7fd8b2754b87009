import {
  AdmissionDecodeError,
  decodeReview,
  deny,
  encodeAnswer,
  type AdmissionReview,
} from '@ecr-anywhere/admission';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import type { Admission, Admit } from './admission.ts';
import { answerLimit } from './answer-limit.ts';
import { callSites } from './call-sites.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { SecretMeta } from './secret.ts';

const LARGEST_BODY = 8 * 1024 * 1024;

/** What the route works with. */
export interface ReviewRouteOptions {
  readonly admit: Admit;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Answers a POST of an AdmissionReview. Whatever is no review gets a 4xx with one sentence. */
export function reviewRoute({ admit, log, metrics }: ReviewRouteOptions) {
  return async (ctx: Context): Promise<void> => {
    const deadline = performance.now() + answerLimit(ctx.querystring);
    const body = await readBody(ctx);
    const received = performance.now();
    const review = decodeBody(ctx, body);
    const answered = await answer(review, deadline, admit);
    ctx.type = 'application/json';
    ctx.body = encodeAnswer(answered.review);
    const milliseconds = performance.now() - received;
    metrics.admission(answered.result, milliseconds / 1000);
    logLine(log, review, answered, milliseconds);
  };
}

interface Answered extends Omit<Admission, 'result'> {
  readonly result: Admission['result'] | 'error';
  /** What must not happen. */
  readonly defect?: unknown;
}

async function answer(review: AdmissionReview, deadline: number, admit: Admit): Promise<Answered> {
  // Not AbortSignal.timeout: thousands of answered admissions would each keep a timer for seconds.
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException('No time is left', 'TimeoutError')),
    Math.max(1, deadline - performance.now()),
  );
  try {
    return await admit(review, controller.signal);
  } catch (defect) {
    const message = `ECR Anywhere failed unexpectedly; the webhook's log says why, under uid ${review.request.uid}`;
    return { review: deny(review, { code: 500, reason: 'InternalError', message }), result: 'error', defect };
  } finally {
    clearTimeout(timer);
  }
}

async function readBody(ctx: Context): Promise<Buffer> {
  if (!ctx.get('Content-Type').startsWith('application/json'))
    ctx.throw(415, 'Expected an AdmissionReview as application/json');
  return getRawBody(ctx.req, { limit: LARGEST_BODY, length: ctx.req.headers['content-length'] });
}

function decodeBody(ctx: Context, body: Buffer): AdmissionReview {
  try {
    return decodeReview(JSON.parse(body.toString('utf8')));
  } catch (error) {
    if (error instanceof AdmissionDecodeError) ctx.throw(400, `Not an AdmissionReview: ${error.message}`);
    ctx.throw(400, 'The body is not JSON');
  }
}

function logLine(log: Logger, review: AdmissionReview, answered: Answered, milliseconds: number): void {
  const { uid, namespace, name, operation, object } = review.request;
  const { result, error, defect } = answered;
  const line = {
    uid,
    namespace,
    name: name || generatedName(object),
    operation,
    result,
    milliseconds: Math.round(milliseconds * 100) / 100,
  };
  if (result === 'error')
    log.error({ ...line, error: nameOf(defect), stack: callSites(defect) }, 'admission');
  else if (error) log.warn({ ...line, code: error.code, reason: error.message }, 'admission');
  else log.info(line, 'admission');
}

function generatedName(object: unknown): string | undefined {
  const metadata = (object as { metadata?: SecretMeta | null } | null | undefined)?.metadata;
  return typeof metadata?.generateName === 'string' ? `${metadata.generateName}*` : undefined;
}

function nameOf(defect: unknown): string {
  return defect instanceof Error ? defect.name : typeof defect;
}
