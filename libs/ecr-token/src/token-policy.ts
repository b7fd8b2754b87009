import type { Milliseconds } from './aws/client-options.ts';
import type { EcrToken } from './ecr-token.ts';

// The decisions of the token cache, as functions of values: no clock, no state.

/** When a token is reused, renewed, and no longer handed on. */
export interface TokenPolicy {
  /** A token is handed out without a call until it is this old. */
  readonly young: Milliseconds;
  /** An older one is handed out only while it has more life left than this. */
  readonly minRemaining: Milliseconds;
  /** The pause after a first failure; it doubles with each further one. */
  readonly failure: Milliseconds;
  /** How long a call may take before callers get the token at hand instead, where that may bridge. */
  readonly patience: Milliseconds;
}

/** The longest pause between two attempts. */
export const LONGEST_PAUSE: Milliseconds = 30_000;

/** Renewals start up to this part of their time early, so that replicas do not ask in step. */
const JITTER = 0.1;

/** Whether a token is handed out as it is. A clock that was set back makes no token young. */
export function isYoung(token: EcrToken, now: number, policy: TokenPolicy): boolean {
  return isIssuedWithin(token, now, youth(token, policy));
}

/** Whether AWS gave a token within the last `age`, and it has not ended. */
export function isIssuedWithin({ issuedAt, expiresAt }: EcrToken, now: number, age: Milliseconds): boolean {
  const since = now - issuedAt.getTime();
  return since >= 0 && since < age && now < expiresAt.getTime();
}

/** Whether a token that is no longer young may bridge a failure. */
export function isUsable({ expiresAt }: EcrToken, now: number, { minRemaining }: TokenPolicy): boolean {
  return expiresAt.getTime() - now > minRemaining;
}

/**
 * How long to wait until a token is renewed ahead of need. `random` is in [0, 1). Never shorter than the pause after a
 * failure: a clock that runs away must not turn renewals into a stream of calls.
 */
export function renewalDelay(
  token: EcrToken,
  now: number,
  policy: TokenPolicy,
  random: number,
): Milliseconds {
  const until = youth(token, policy) * (1 - JITTER * random);
  return Math.max(policy.failure, token.issuedAt.getTime() + until - now);
}

/** How long failures are answered from memory, after `failures` in a row. Half of it is left to chance. */
export function failurePause(failures: number, { failure }: TokenPolicy, random: number): Milliseconds {
  const longest = Math.min(LONGEST_PAUSE, failure * 2 ** Math.min(failures - 1, 16));
  return longest * (0.5 + random / 2);
}

/** A token that lives short is renewed by half of its life. */
function youth({ issuedAt, expiresAt }: EcrToken, { young }: TokenPolicy): Milliseconds {
  return Math.min(young, (expiresAt.getTime() - issuedAt.getTime()) / 2);
}
