import {
  AdmissionDecodeError,
  decodeReview,
  deny,
  encodeAnswer,
  type AdmissionReview,
} from '@ecr-anywhere/admission';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { Admission, Admit } from './admission.ts';
import { answerLimit } from './answer-limit.ts';
import type { BodyReader } from '../http/body-reader.ts';
import { callSites } from '../operations/call-sites.ts';
import { countParts } from './json-parts.ts';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { LONGEST_NAME, outline } from './outline.ts';
import type { Secret } from './secret.ts';
import type { OnGone } from './waiting-room.ts';

/** What a body may consist of; once it is parsed, each part takes up to 200 bytes of memory. */
const MOST_PARTS = 100_000;

/** What the route works with. */
export interface ReviewRouteOptions {
  readonly admit: Admit;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly bodies: BodyReader;
  /** Told of each request that is a good review, before it is decided on. */
  readonly onReview: (request: IncomingMessage) => void;
}

/** Answers a POST of an AdmissionReview. Whatever is no review gets a 4xx with one sentence. */
export function reviewRoute({ admit, log, metrics, bodies, onReview }: ReviewRouteOptions) {
  return async (ctx: Context): Promise<void> => {
    const { asked, received, answered } = await receive(ctx);
    const answer = await answered;
    ctx.type = 'application/json';
    ctx.body = encodeAnswer(answer.review);
    const milliseconds = performance.now() - received;
    metrics.admission(answer.result, milliseconds / 1000);
    if (answer.isShortLived) metrics.shortLivedCredentials();
    logLine(log, asked, answer, milliseconds);
  };

  /** A function of its own, as it holds the body and the review: whoever waits for the answer must not. */
  async function receive(ctx: Context) {
    const deadline = performance.now() + answerLimit(ctx.querystring);
    expectJson(ctx);
    const body = await bodies.read(ctx.req);
    const received = performance.now();
    const review = decodeBody(ctx, body);
    onReview(ctx.req);
    const asked = outline(review);
    const timeout = Math.max(1, deadline - received);
    const onGone: OnGone = (listener) => void ctx.res.once('close', listener);
    return { asked, received, answered: answer(asked, admit(review, timeout, onGone, body.length)) };
  }
}

interface Answered extends Omit<Admission, 'result'> {
  readonly result: Admission['result'] | 'error';
  /** What must not happen. */
  readonly defect?: unknown;
}

async function answer(asked: AdmissionReview, admitted: Promise<Admission>): Promise<Answered> {
  try {
    return await admitted;
  } catch (defect) {
    const message = `ECR Anywhere failed unexpectedly; the webhook's log says why, under uid ${asked.request.uid}`;
    return { review: deny(asked, { code: 500, reason: 'InternalError', message }), result: 'error', defect };
  }
}

function expectJson(ctx: Context): void {
  if (!ctx.get('Content-Type').startsWith('application/json'))
    ctx.throw(415, 'Expected an AdmissionReview as application/json');
}

function decodeBody(ctx: Context, body: Buffer): AdmissionReview {
  if (body.length > MOST_PARTS && countParts(body) > MOST_PARTS)
    ctx.throw(413, `The body has more than ${MOST_PARTS} fields and elements`);
  let review: AdmissionReview;
  try {
    review = decodeReview(JSON.parse(body.toString('utf8')));
  } catch (error) {
    if (error instanceof AdmissionDecodeError) ctx.throw(400, `Not an AdmissionReview: ${error.message}`);
    ctx.throw(400, 'The body is not JSON');
  }
  if (review.request.uid.length > LONGEST_NAME)
    ctx.throw(400, `Not an AdmissionReview: request.uid: expected at most ${LONGEST_NAME} characters`);
  return review;
}

function logLine(
  log: Logger,
  { request }: AdmissionReview<Secret>,
  answered: Answered,
  milliseconds: Milliseconds,
): void {
  const { uid, namespace, name, operation, object } = request;
  const { review, result, error, isShortLived, defect } = answered;
  const generateName = object?.metadata?.generateName;
  const line = {
    uid,
    namespace,
    name: name || (generateName && `${generateName}*`) || undefined,
    operation,
    result,
    milliseconds: Math.round(milliseconds * 100) / 100,
  };
  if (result === 'error')
    log.error({ ...line, error: nameOf(defect), stack: callSites(defect) }, 'admission');
  else if (error) log.warn({ ...line, code: error.code, reason: error.message }, 'admission');
  else if (isShortLived) log.warn({ ...line, warnings: review.response.warnings }, 'admission');
  else log.info(line, 'admission');
}

function nameOf(defect: unknown): string {
  return defect instanceof Error ? defect.name : typeof defect;
}
