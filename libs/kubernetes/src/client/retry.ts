import { WEBHOOK_NAME, type Milliseconds } from '@ecr-anywhere/secret-scan';

/** What came back of one attempt: an answer, or none. */
export interface Attempt {
  /** An HTTP status; 0 where the connection failed. */
  readonly status: number;
  /** Of the `Retry-After` header. */
  readonly retryAfterSeconds?: number | undefined;
  /** The message of a Status. */
  readonly message: string;
  /** Whether nothing came for as long as one attempt may take. */
  readonly isTimeout?: boolean;
  /** Whether the next attempt would fail in the same way: a setting is wrong. */
  readonly isPermanent?: boolean;
}

const ATTEMPTS = 6;
/** Each of them has taken long enough. */
const ATTEMPTS_WITHOUT_ANSWER = 2;
const FIRST_PAUSE: Milliseconds = 200;
const LONGEST_PAUSE: Milliseconds = 10_000;
/** Of those that the API server asks for. It asks for seconds; more than this is no answer to a request but an outage. */
const LONGEST_ASKED: Milliseconds = 60_000;

/**
 * How long to wait before the next attempt; undefined where there is none. The API server's own trouble passes, and it
 * says how long to wait. What the webhook says is an answer, whatever its status.
 */
export function retryPause(attempt: Attempt, count: number, random: number): Milliseconds | undefined {
  const attempts = attempt.isTimeout ? ATTEMPTS_WITHOUT_ANSWER : ATTEMPTS;
  if (count >= attempts || !isPassing(attempt)) return undefined;
  if (attempt.retryAfterSeconds !== undefined)
    return Math.min(LONGEST_ASKED, attempt.retryAfterSeconds * 1_000);
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (count - 1)) * (0.5 + random / 2);
}

function isPassing({ status, message, isPermanent }: Attempt): boolean {
  if (isPermanent || isRefusal(message) || isFailedCall(message)) return false;
  return status === 0 || status === 409 || status === 429 || status >= 500;
}

/** In the words of k8s.io/apiserver, pkg/admission/plugin/webhook/errors. */
export function isRefusal(message: string): boolean {
  return /^admission webhook "[^"]*" denied the request/.test(message);
}

/** The same, where it was our webhook. */
export function isOwnRefusal(message: string): boolean {
  return message.startsWith(`admission webhook "${WEBHOOK_NAME}" denied the request`);
}

/** In the words of k8s.io/apiserver, pkg/util/webhook. */
export function isFailedCall(message: string): boolean {
  return message.includes('failed calling webhook');
}
