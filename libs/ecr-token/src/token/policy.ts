import type { Milliseconds } from '../settings/milliseconds.ts';
import type { EcrToken } from './token.ts';

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

/** A token at hand, and how long ago AWS last had its word. */
export interface HeldToken {
  readonly token: EcrToken;
  /** When the call began that AWS answered last, by AWS's time in milliseconds since 1970. */
  readonly askedAt: number;
  /** When its answer came. */
  readonly answeredAt: number;
}

/** The longest pause between two attempts. */
export const LONGEST_PAUSE: Milliseconds = 30_000;

/** Renewals start up to this part of their time early, so that replicas do not ask in step. */
const JITTER = 0.1;

/** Whether a token is handed out as it is. A clock that was set back makes no token young. */
export function isYoung(held: HeldToken, now: number, policy: TokenPolicy): boolean {
  return isWithin(held.answeredAt, held, now, youth(held, policy));
}

/** Whether AWS was asked for a token within the last `age`, and it has not ended. */
export function isAskedWithin(held: HeldToken, now: number, age: Milliseconds): boolean {
  return isWithin(held.askedAt, held, now, age);
}

function isWithin(time: number, { token }: HeldToken, now: number, age: Milliseconds): boolean {
  const since = now - time;
  return since >= 0 && since < age && now < token.expiresAt.getTime();
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
  held: HeldToken,
  now: number,
  policy: TokenPolicy,
  random: number,
): Milliseconds {
  const until = youth(held, policy) * (1 - JITTER * random);
  return Math.max(policy.failure, held.answeredAt + until - now);
}

/** How long failures are answered from memory, after `failures` in a row. Half of it is left to chance. */
export function failurePause(failures: number, { failure }: TokenPolicy, random: number): Milliseconds {
  const longest = Math.min(LONGEST_PAUSE, failure * 2 ** Math.min(failures - 1, 16));
  return longest * (0.5 + random / 2);
}

/** The least time between two renewals, however short the tokens live. */
const LEAST_YOUTH: Milliseconds = 60_000;

/**
 * How long a token counts as young. A token with a short life is renewed after half of it, and always before it is too old
 * to bridge a failure. A token that was never fit to bridge is renewed after half of its life: the next may be no better.
 */
function youth({ token, answeredAt }: HeldToken, { young, minRemaining }: TokenPolicy): Milliseconds {
  const life = token.expiresAt.getTime() - answeredAt;
  const ample = life - minRemaining;
  return Math.min(young, life / 2, ample > 0 ? Math.max(ample, LEAST_YOUTH) : Infinity);
}
