import type { Milliseconds } from '@ecr-anywhere/settings';
import { parseDuration } from '@ecr-anywhere/settings';

/** Kubernetes' own default and maximum of `timeoutSeconds`. */
const DEFAULT: Milliseconds = 10_000;
const MAX: Milliseconds = 30_000;

/** Time for the way back. */
const MARGIN: Milliseconds = 2_000;

/**
 * How long after the arrival of a review its answer must leave. The API server says how long it waits (`?timeout=10s`). Nobody
 * reads an answer that comes later, or the reason in it. Of a short timeout, half is used.
 */
export function answerLimit(querystring: string): Milliseconds {
  const given = parseDuration(/(?:^|&)timeout=([^&]*)/.exec(querystring)?.[1] ?? '');
  const timeout = given === undefined || given === 0 ? DEFAULT : Math.min(given, MAX);
  return timeout - Math.min(MARGIN, timeout / 2);
}
