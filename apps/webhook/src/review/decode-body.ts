import { AdmissionDecodeError, decodeReview, type AdmissionReview } from '@ecr-anywhere/admission';
import type { Context } from 'koa';
import { MAX_NAME_LENGTH } from './outline.ts';

/** A parsed value takes up to 200 bytes of memory, so that a body of 8 MiB could fill the container. */
const MAX_VALUES = 100_000;

/** The review in a body. Throws a 4xx with one sentence for any other body. */
export function decodeBody(ctx: Context, body: Buffer): AdmissionReview {
  if (body.length > MAX_VALUES && countValues(body) > MAX_VALUES)
    ctx.throw(413, `The body has more than ${MAX_VALUES} fields and elements`);
  let review: AdmissionReview;
  try {
    review = decodeReview(JSON.parse(body.toString('utf8')));
  } catch (error) {
    if (error instanceof AdmissionDecodeError) ctx.throw(400, `Not an AdmissionReview: ${error.message}`);
    ctx.throw(400, 'The body is not JSON');
  }
  if (review.request.uid.length > MAX_NAME_LENGTH)
    ctx.throw(400, `Not an AdmissionReview: request.uid: expected at most ${MAX_NAME_LENGTH} characters`);
  return review;
}

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** An upper limit: commas and brackets inside strings count as well. */
function countValues(json: Buffer): number {
  let count = 0;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (byte === COMMA || byte === BRACE || byte === BRACKET) count += 1;
  }
  return count;
}
