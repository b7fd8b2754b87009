import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import { parseDuration } from '@ecr-anywhere/settings';

/** What the API server waits where it does not say, and the most that it can be told to. */
const DEFAULT: Milliseconds = 10_000;
const LONGEST: Milliseconds = 30_000;

/** For the way back. A timeout that is hardly longer than this is halved instead. */
const MARGIN: Milliseconds = 2_000;

/**
 * From the arrival of a review until its answer leaves. The API server says how long it waits (`?timeout=10s`); what comes
 * later than that is not heard, and its reason with it.
 */
export function answerLimit(querystring: string): Milliseconds {
  const given = parseDuration(/(?:^|&)timeout=([^&]*)/.exec(querystring)?.[1] ?? '');
  const timeout = given === undefined || given === 0 ? DEFAULT : Math.min(given, LONGEST);
  return timeout - Math.min(MARGIN, timeout / 2);
}
