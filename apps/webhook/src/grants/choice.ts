import type { EcrToken, EcrTokenError, EcrTokenResult } from '@ecr-anywhere/ecr-token';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Grant } from './grant.ts';
import { isBelievable, type OldCredential } from './old-credential.ts';

/** A credential that a due Secret needs. */
export interface DueGrant<G extends Grant = Grant> {
  readonly grant: G;
  /** What the Secret holds in its place. Its end is judged again after AWS's answer, which tells the time. */
  readonly old: OldCredential | undefined;
}

/** A grant of a Secret, and what goes in for it. */
export interface ChosenGrant {
  readonly grant: Grant;
  readonly choice: Choice;
}

/** What AWS gave for a grant: a token, or the reason why there is none. */
export type Obtained = EcrTokenResult | { readonly error: EcrTokenError };

/** What goes into a due Secret for one grant. */
export type Choice = TokenChosen | OldStays | Missing;

interface TokenChosen extends Life {
  readonly kind: 'token';
  readonly token: EcrToken;
}

/** The old credential stays: it ends later than the token, or there is no token. */
interface OldStays extends Life {
  readonly kind: 'old';
  readonly old: OldCredential;
}

interface Life {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Why AWS gave no newer token, or none. */
  readonly trouble: EcrTokenError | undefined;
  /** Whether the token lives no longer than `ChoicePolicy.least`. */
  readonly isShortLived: boolean;
}

/** There is no token, and nothing that is known to work. */
interface Missing {
  readonly kind: 'missing';
  /** What the Secret holds in its place. It stays, because it may work. Undefined if there is nothing, or if it has expired. */
  readonly old: OldCredential | undefined;
  readonly trouble: EcrTokenError;
  readonly isShortLived: false;
}

/** What a choice is measured by. */
export interface ChoicePolicy {
  /** AWS's time, in milliseconds since 1970. */
  readonly now: number;
  /** Threshold and margin: a Secret with a token that lives no longer is soon due again. */
  readonly least: Milliseconds;
  /** Whether a new mark asks for credentials. */
  readonly isMarked: boolean;
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
  old: OldCredential | undefined,
  atHand: Pick<EcrToken, 'expiresAt'> | undefined,
  { now, isMarked }: Pick<ChoicePolicy, 'now' | 'isMarked'>,
): Milliseconds | undefined {
  return isMarked && endsLater(old, atHand, now) ? RECENT : undefined;
}

/**
 * Chooses for one grant between the token and the old credential, after AWS was asked as {@link issuedWithin} says.
 *
 * | the old credential | the token | what goes in |
 * | --- | --- | --- |
 * | there is none, it is not believable, or it ends no later than the token | there is one | the token |
 * | it claims to end later, and there is no new mark | there is one | the old one: replicas hold tokens of different ages |
 * | it claims to end later, and there is a new mark | AWS has just issued it | the token, whatever the Secret claims |
 * | the same | an older or a short-lived one | the old one |
 * | it is believable | there is none | the old one |
 * | it is there, but is not believable, and is not known to have expired | there is none | the old one, which counts as missing |
 * | there is none, or it has expired | there is none | nothing: it is missing |
 */
export function choose(
  { old }: Pick<DueGrant, 'old'>,
  obtained: Obtained,
  { now, least, isMarked }: ChoicePolicy,
): Choice {
  if ('error' in obtained) return withoutToken(old, obtained.error, now);
  const { token, stale: trouble } = obtained;
  const isShortLived = token.expiresAt.getTime() - now <= least;
  const isMarkServed = isMarked && trouble === undefined && !isShortLived;
  return endsLater(old, token, now) && !isMarkServed
    ? { kind: 'old', old, expiresAt: old.expiresAt, trouble, isShortLived }
    : { kind: 'token', token, expiresAt: token.expiresAt.getTime(), trouble, isShortLived };
}

function withoutToken(old: OldCredential | undefined, trouble: EcrTokenError, now: number): Choice {
  if (isBelievable(old, now))
    return { kind: 'old', old, expiresAt: old.expiresAt, trouble, isShortLived: false };
  const hasEnded = old?.expiresAt !== undefined && old.expiresAt <= now;
  return { kind: 'missing', old: hasEnded ? undefined : old, trouble, isShortLived: false };
}

function endsLater(
  old: OldCredential | undefined,
  token: Pick<EcrToken, 'expiresAt'> | undefined,
  now: number,
): old is OldCredential & { readonly expiresAt: number } {
  return isBelievable(old, now) && old.expiresAt > (token?.expiresAt.getTime() ?? 0);
}
