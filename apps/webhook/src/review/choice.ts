import type { EcrToken, EcrTokenResult } from '@ecr-anywhere/ecr-token';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import type { Due } from './decision.ts';
import { isBelievable, type Credential } from './old-credential.ts';

/** What goes into a due Secret. */
export interface Choice {
  /** What it holds already, where that stays; otherwise the token goes in. */
  readonly kept: Credential | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Why the token at hand is an older one, if it is. */
  readonly stale: EcrTokenResult['stale'];
  /** Whether the token lives no longer than the policy's least. */
  readonly isShortLived: boolean;
}

/** What a choice is measured by. */
export interface ChoicePolicy {
  /** AWS's time, in milliseconds since 1970. */
  readonly now: number;
  /** Threshold and margin: a token that lives no longer will soon be due again. */
  readonly least: Milliseconds;
}

/** A token that AWS gave longer ago is too old to tell a marked Secret that it claims too much. */
const RECENT: Milliseconds = 60_000;

/**
 * How lately AWS has to have given the token for a due Secret; undefined where the cache may decide.
 *
 * What a Secret claims can be forged, and only a mark heals that. So a mark on a Secret that claims to end later than the
 * token at hand has AWS asked first. It is asked no more than once in this time, however many Secrets are marked.
 */
export function issuedWithin(
  { old, isMarked }: Due,
  atHand: Pick<EcrToken, 'expiresAt'> | undefined,
  now: number,
): Milliseconds | undefined {
  return isMarked && endsLater(believed(old, now), atHand) ? RECENT : undefined;
}

/**
 * Chooses between the token and what a due Secret holds, once AWS was asked as {@link issuedWithin} says.
 *
 * | the old credential | what goes in |
 * | --- | --- |
 * | none that can be believed, or it ends no later than the token | the token |
 * | it claims to end later, and no mark asks | the old one: replicas hold tokens of different age |
 * | it claims to end later, a mark asks, and AWS has just given the token | the token, whatever is claimed |
 * | the same, but the token is an older one, or short-lived | the old one |
 */
export function choose(
  { old, isMarked }: Due,
  { token, stale }: EcrTokenResult,
  { now, least }: ChoicePolicy,
): Choice {
  const isShortLived = token.expiresAt.getTime() - now <= least;
  const isMarkServed = isMarked && stale === undefined && !isShortLived;
  const known = believed(old, now);
  const kept = endsLater(known, token) && !isMarkServed ? known : undefined;
  return { kept, expiresAt: kept?.expiresAt ?? token.expiresAt.getTime(), stale, isShortLived };
}

function believed(old: Credential | undefined, now: number): Credential | undefined {
  return old && isBelievable(old, now) ? old : undefined;
}

function endsLater(old: Credential | undefined, token: Pick<EcrToken, 'expiresAt'> | undefined): boolean {
  return old !== undefined && old.expiresAt > (token?.expiresAt.getTime() ?? 0);
}
