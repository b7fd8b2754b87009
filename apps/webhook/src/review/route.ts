import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Context } from 'koa';
import type { IncomingMessage } from 'node:http';
import type { BodyReader } from '../http/body-reader.ts';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Admission, DecidedReview } from './admission.ts';
import { answerLimit } from './answer-limit.ts';
import { decodeBody } from './decode-body.ts';
import { logAdmission } from './log-admission.ts';

/** What the route works with. */
export interface ReviewRouteOptions {
  readonly admission: Admission;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly bodies: BodyReader;
  /** Called for each request that holds a review, before the decision. */
  readonly onReview: (request: IncomingMessage) => void;
}

/** Answers a POST of an AdmissionReview. Any other request gets a 4xx with one sentence. */
export function reviewRoute({ admission, log, metrics, bodies, onReview }: ReviewRouteOptions) {
  return async (ctx: Context): Promise<void> => {
    const deadline = performance.now() + answerLimit(ctx.querystring);
    const { decided, bytes, receivedAt } = await receive(ctx);
    // The body and the review ended with `receive`: a request that waits for AWS holds an outline and a decision.
    const answer = await admission.answer(decided, {
      timeout: Math.max(1, deadline - receivedAt),
      bytes,
      onGone: (listener) => void ctx.res.once('close', listener),
    });
    ctx.type = 'application/json';
    ctx.body = JSON.stringify(answer.review);
    const milliseconds = performance.now() - receivedAt;
    metrics.admission(answer.result, milliseconds / 1000, decided.profiles);
    if (answer.isShortLived) metrics.shortLivedCredentials();
    logAdmission(log, decided, answer, milliseconds);
  };

  async function receive(ctx: Context): Promise<Received> {
    if (!ctx.get('Content-Type').startsWith('application/json'))
      ctx.throw(415, 'Expected an AdmissionReview as application/json');
    const body = await bodies.read(ctx.req);
    const receivedAt = performance.now();
    const review = decodeBody(ctx, body);
    onReview(ctx.req);
    return { decided: admission.decide(review), bytes: body.length, receivedAt };
  }
}

interface Received {
  readonly decided: DecidedReview;
  /** The length of the body. */
  readonly bytes: number;
  readonly receivedAt: Milliseconds;
}
