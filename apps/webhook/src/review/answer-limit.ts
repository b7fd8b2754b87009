import { parseDuration, type Milliseconds } from '@ecr-anywhere/settings';

/** Kubernetes' own default and maximum of `timeoutSeconds`. */
const DEFAULT: Milliseconds = 10_000;
const MAX: Milliseconds = 30_000;

/** Time for the answer to reach the API server. */
const TIME_TO_DELIVER: Milliseconds = 2_000;

/**
 * How long after the arrival of a review the webhook must send the answer. The API server says how long it waits
 * (`?timeout=10s`). Nobody reads a later answer, or the reason in it. If the timeout is short, half of it is used.
 */
export function answerLimit(querystring: string): Milliseconds {
  const given = parseDuration(/(?:^|&)timeout=([^&]*)/.exec(querystring)?.[1] ?? '');
  const timeout = given === undefined || given === 0 ? DEFAULT : Math.min(given, MAX);
  return timeout - Math.min(TIME_TO_DELIVER, timeout / 2);
}
