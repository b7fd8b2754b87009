import {
  annotation,
  CLOCK_TOLERANCE,
  TOKEN_LIFETIME,
  type Milliseconds,
  type ObjectMeta,
} from './contract.ts';

/** When a Secret counts as due. */
export interface DuePolicy {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A Secret is due once its credentials have this much life left, or less. */
  readonly threshold: Milliseconds;
  /** What the settings of today would write; without it no Secret is due for its settings. */
  readonly configHash?: string | undefined;
  /** Every Secret is due. */
  readonly force?: boolean | undefined;
}

/** Why a Secret is due. */
export type DueReason =
  | 'never-filled'
  | 'expired'
  | 'expires-soon'
  | 'expiry-unreadable'
  | 'expiry-implausible'
  | 'config-changed'
  | 'forced';

/** The reasons, as a person reads them. */
export const DUE_REASONS: Readonly<Record<DueReason, string>> = {
  'never-filled': 'never filled',
  expired: 'expired',
  'expires-soon': 'expires soon',
  'expiry-unreadable': 'expires_at is unreadable',
  'expiry-implausible': 'expires_at is further off than a token lives',
  'config-changed': 'made under other settings',
  forced: 'forced',
};

/** What an `expires_at` annotation says: milliseconds since 1970, or why it says nothing that can be believed. */
export type Expiry =
  | { readonly kind: 'at'; readonly time: number }
  | { readonly kind: 'missing' | 'unreadable' | 'implausible' };

// RFC 3339, as `Date.parse` alone would also take "1" and "Tuesday".
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Reads when a Secret's credentials end. Anyone may write annotations, so an expiry beyond any token's is not believed. */
export function readExpiry(metadata: ObjectMeta | null | undefined, now: number): Expiry {
  const text = annotation(metadata, 'expiresAt');
  if (text === undefined) return { kind: 'missing' };
  const time = readTime(text);
  if (time === undefined) return { kind: 'unreadable' };
  if (time > now + TOKEN_LIFETIME + CLOCK_TOLERANCE) return { kind: 'implausible' };
  return { kind: 'at', time };
}

/** An RFC 3339 time in milliseconds since 1970; undefined for anything else. */
export function readTime(text: string): number | undefined {
  const time = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** Why a managed Secret should be refreshed now, or undefined where it need not be. */
export function dueReason(metadata: ObjectMeta, policy: DuePolicy): DueReason | undefined {
  const { now, threshold, configHash, force = false } = policy;
  const expiry = readExpiry(metadata, now);
  switch (expiry.kind) {
    case 'missing':
      return 'never-filled';
    case 'unreadable':
      return 'expiry-unreadable';
    case 'implausible':
      return 'expiry-implausible';
    case 'at':
      if (expiry.time <= now) return 'expired';
      if (expiry.time - now <= threshold) return 'expires-soon';
  }
  if (configHash !== undefined && annotation(metadata, 'configHash') !== configHash) return 'config-changed';
  return force ? 'forced' : undefined;
}
