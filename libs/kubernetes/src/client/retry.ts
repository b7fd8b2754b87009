import type { Milliseconds } from '../milliseconds.ts';
import { isTooLargeToStore } from './secret-at-fault.ts';
import { isFailedCall, isRefusal } from './webhook-errors.ts';

/** The result of one attempt: an answer, or none. */
export interface Attempt {
  /** An HTTP status; 0 if the connection failed. */
  readonly status: number;
  /** From the `Retry-After` header. */
  readonly retryAfterSeconds?: number | undefined;
  /** The message of a Status. */
  readonly message: string;
  /** Whether no answer came in time. */
  readonly isTimeout?: boolean;
  /** Whether another attempt would fail in the same way, because a setting is wrong. */
  readonly isPermanent?: boolean;
}

const ATTEMPTS = 6;
/** After a timeout, because each attempt takes so long. */
const ATTEMPTS_WITHOUT_ANSWER = 2;
const FIRST_PAUSE: Milliseconds = 200;
const LONGEST_PAUSE: Milliseconds = 10_000;
/** The longest pause that the API server may ask for. It normally asks for some seconds. */
const LONGEST_ASKED: Milliseconds = 60_000;

/**
 * How long to wait before the next attempt; undefined if there must be none. Errors of the API server itself are temporary,
 * and it says how long to wait. The refusal of a webhook is final, whatever its status is.
 */
export function retryPause(attempt: Attempt, count: number, random: number): Milliseconds | undefined {
  const attempts = attempt.isTimeout ? ATTEMPTS_WITHOUT_ANSWER : ATTEMPTS;
  if (count >= attempts || !isTemporary(attempt)) return undefined;
  if (attempt.retryAfterSeconds !== undefined)
    return Math.min(LONGEST_ASKED, attempt.retryAfterSeconds * 1_000);
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (count - 1)) * (0.5 + random / 2);
}

function isTemporary({ status, message, isPermanent }: Attempt): boolean {
  if (isPermanent || isRefusal(message) || isFailedCall(message) || isTooLargeToStore(message)) return false;
  return status === 0 || status === 409 || status === 429 || status >= 500;
}
