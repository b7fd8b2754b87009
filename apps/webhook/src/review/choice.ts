import type { EcrToken, EcrTokenResult } from '@ecr-anywhere/ecr-token';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Due } from './decision.ts';
import { isBelievable, type Credential } from './old-credential.ts';

/** What goes into a due Secret. */
export interface Choice {
  /** The old credential, if it stays; undefined if the token goes in. */
  readonly oldStays: Credential | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Why AWS gave no newer token. */
  readonly stale: EcrTokenResult['stale'];
  /** Whether the token lives no longer than `ChoicePolicy.least`. */
  readonly isShortLived: boolean;
}

/** What a choice is measured by. */
export interface ChoicePolicy {
  /** AWS's time, in milliseconds since 1970. */
  readonly now: number;
  /** Threshold and margin: a Secret with a token that lives no longer is soon due again. */
  readonly least: Milliseconds;
}

/** An older token does not disprove what a marked Secret claims: AWS may have given a later one since. */
const RECENT: Milliseconds = 60_000;

/**
 * How recently AWS must have issued the token for a due Secret; undefined if any token of the cache is recent enough.
 *
 * What a Secret claims can be forged, and only a mark heals it. If a marked Secret claims to end later than the token at
 * hand, AWS is asked first: at most once a minute, however many Secrets are marked.
 */
export function issuedWithin(
  { old, isMarked }: Due,
  atHand: Pick<EcrToken, 'expiresAt'> | undefined,
  now: number,
): Milliseconds | undefined {
  return isMarked && endsLater(believed(old, now), atHand) ? RECENT : undefined;
}

/**
 * Chooses between the token and the old credential of a due Secret, after AWS was asked as {@link issuedWithin} says.
 *
 * | the old credential | what goes in |
 * | --- | --- |
 * | there is none, it is not believable, or it ends no later than the token | the token |
 * | it claims to end later, and there is no new mark | the old one: replicas hold tokens of different ages |
 * | it claims to end later, there is a new mark, and AWS has just issued the token | the token, whatever the Secret claims |
 * | the same, but the token is an older or a short-lived one | the old one |
 */
export function choose(
  { old, isMarked }: Due,
  { token, stale }: EcrTokenResult,
  { now, least }: ChoicePolicy,
): Choice {
  const isShortLived = token.expiresAt.getTime() - now <= least;
  const isMarkServed = isMarked && stale === undefined && !isShortLived;
  const known = believed(old, now);
  const oldStays = endsLater(known, token) && !isMarkServed ? known : undefined;
  return { oldStays, expiresAt: oldStays?.expiresAt ?? token.expiresAt.getTime(), stale, isShortLived };
}

function believed(old: Credential | undefined, now: number): Credential | undefined {
  return old && isBelievable(old, now) ? old : undefined;
}

function endsLater(old: Credential | undefined, token: Pick<EcrToken, 'expiresAt'> | undefined): boolean {
  return old !== undefined && old.expiresAt > (token?.expiresAt.getTime() ?? 0);
}
