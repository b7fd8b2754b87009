import type { Milliseconds } from '../settings/milliseconds.ts';
import type { EcrToken } from './token.ts';

// The decisions of the token cache, as functions of values: no clock, no state.

/** When a token is reused, when it is renewed, and when it is no longer handed out. */
export interface TokenPolicy {
  /** A token is young until it is this old: it is handed out without a call. */
  readonly young: Milliseconds;
  /** An older one is handed out only while it has more life left than this. */
  readonly minRemaining: Milliseconds;
  /** The pause after a first failure; it doubles with each further one. */
  readonly failure: Milliseconds;
  /** How long a call may take before callers get the cached token instead, if that is still usable. */
  readonly patience: Milliseconds;
}

/** The cached token, and when AWS was last asked. */
export interface HeldToken {
  readonly token: EcrToken;
  /** When the last successful call began, in milliseconds since 1970 by AWS's clock. */
  readonly askedAt: number;
  /** When its answer arrived. */
  readonly answeredAt: number;
}

/** The longest pause between two attempts. */
export const LONGEST_PAUSE: Milliseconds = 30_000;

/**
 * A renewal starts earlier by up to this fraction of the delay, so that replicas do not call AWS at the same moment.
 */
const JITTER = 0.1;

/** Whether a token is handed out without a call. Setting the clock back does not make a token young. */
export function isYoung(held: HeldToken, now: number, policy: TokenPolicy): boolean {
  return isWithin(held.answeredAt, held, now, youth(held, policy));
}

/** Whether AWS was asked for the token within the last `age`, and the token has not expired. */
export function isAskedWithin(held: HeldToken, now: number, age: Milliseconds): boolean {
  return isWithin(held.askedAt, held, now, age);
}

function isWithin(time: number, { token }: HeldToken, now: number, age: Milliseconds): boolean {
  const since = now - time;
  return since >= 0 && since < age && now < token.expiresAt.getTime();
}

/** Whether a token that is no longer young may be used if a call fails. */
export function isUsable({ expiresAt }: EcrToken, now: number, { minRemaining }: TokenPolicy): boolean {
  return expiresAt.getTime() - now > minRemaining;
}

/**
 * How long to wait before a token is renewed ahead of need. `random` is in [0, 1). The delay is never shorter than the
 * pause after a failure: a clock that jumps must not cause a stream of calls.
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

/** How long to wait after `failures` failures in a row before AWS is asked again. Half of it is random. */
export function failurePause(failures: number, { failure }: TokenPolicy, random: number): Milliseconds {
  const longest = Math.min(LONGEST_PAUSE, failure * 2 ** Math.min(failures - 1, 16));
  return longest * (0.5 + random / 2);
}

/** The least time between two renewals, however short the tokens live. */
const LEAST_YOUTH: Milliseconds = 60_000;

/**
 * How long a token counts as young. A token with a short life is renewed after half of that life, and always before it
 * has too little life left to be used if a call fails. A token that never had enough life for that is renewed after
 * half of its life, because the next one may have no more.
 */
function youth({ token, answeredAt }: HeldToken, { young, minRemaining }: TokenPolicy): Milliseconds {
  const life = token.expiresAt.getTime() - answeredAt;
  const ample = life - minRemaining;
  return Math.min(young, life / 2, ample > 0 ? Math.max(ample, LEAST_YOUTH) : Infinity);
}
