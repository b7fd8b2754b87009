import {
  annotation,
  CLOCK_TOLERANCE,
  TOKEN_LIFETIME,
  type Milliseconds,
  type ObjectMeta,
} from './contract.ts';
import { missingOf } from './ends.ts';
import { readTime } from './time.ts';

/** When a Secret counts as due. */
export interface DuePolicy {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A Secret is due once its credentials have this much life left, or less. */
  readonly threshold: Milliseconds;
  /**
   * The `configHash` that the webhook would write into this Secret today. If it is unknown, the Secret is not due
   * because of its settings.
   */
  readonly expectedHash?: ((metadata: ObjectMeta) => string | undefined) | undefined;
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
  | 'credentials-missing'
  | 'config-changed'
  | 'forced';

/** The reasons in words. */
export const DUE_REASONS: Readonly<Record<DueReason, string>> = {
  'never-filled': 'never filled',
  expired: 'expired',
  'expires-soon': 'expires soon',
  'expiry-unreadable': 'expires_at is unreadable',
  'expiry-implausible': 'expires_at is further off than a token lives',
  'credentials-missing': 'credentials for a region are missing',
  'config-changed': 'made under other settings',
  forced: 'forced',
};

/** What the `expires_at` annotation says: a time in milliseconds since 1970, or why there is none to rely on. */
export type Expiry =
  | { readonly kind: 'at'; readonly time: number }
  | { readonly kind: 'missing' | 'unreadable' | 'implausible' };

/**
 * Reads when a Secret's credentials end. Anyone may write annotations: a time that no token can reach is `implausible`.
 */
export function readExpiry(metadata: ObjectMeta | null | undefined, now: number): Expiry {
  const text = annotation(metadata, 'expiresAt');
  if (text === undefined) return { kind: 'missing' };
  const time = readTime(text);
  if (time === undefined) return { kind: 'unreadable' };
  if (!isPlausibleExpiry(time, now)) return { kind: 'implausible' };
  return { kind: 'at', time };
}

/** Whether a token can end at `time`: none lives longer than `TOKEN_LIFETIME`. Both are milliseconds since 1970. */
export function isPlausibleExpiry(time: number, now: number): boolean {
  return time <= now + TOKEN_LIFETIME + CLOCK_TOLERANCE;
}

/** Why a managed Secret has to be refreshed now; undefined if it is not due. */
export function dueReason(metadata: ObjectMeta, policy: DuePolicy): DueReason | undefined {
  const { now, threshold, force = false } = policy;
  const expiry = readExpiry(metadata, now);
  switch (expiry.kind) {
    case 'missing':
      return 'never-filled';
    case 'unreadable':
      return 'expiry-unreadable';
    case 'implausible':
      return 'expiry-implausible';
    case 'at':
      if (missingOf(metadata).length > 0) return 'credentials-missing';
      if (expiry.time <= now) return 'expired';
      if (expiry.time - now <= threshold) return 'expires-soon';
  }
  if (!hasExpectedHash(metadata, policy)) return 'config-changed';
  return force ? 'forced' : undefined;
}

/** Whether a Secret was filled under the settings of today; true as well if these are unknown. */
export function hasExpectedHash(metadata: ObjectMeta, policy: Pick<DuePolicy, 'expectedHash'>): boolean {
  const expected = policy.expectedHash?.(metadata);
  return expected === undefined || annotation(metadata, 'configHash') === expected;
}
