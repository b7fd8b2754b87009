import { EcrToken } from '../token/token.ts';
import { EcrTokenError } from '../errors/error.ts';
import { TokenCache } from '../token/cache.ts';
import type { TokenRenewalOptions } from '../token/renewal.ts';

export const HOUR = 3_600_000;
export const START = Date.parse('2026-01-02T03:04:05Z');
export const POLICY = { young: HOUR, minRemaining: 6 * HOUR, failure: 1_000, patience: 1_000 };

export function tokenAt(now: number, life = 12 * HOUR): EcrToken {
  return new EcrToken({
    username: 'AWS',
    password: `password-${now}`,
    region: 'eu-west-1',
    issuedAt: new Date(now),
    expiresAt: new Date(now + life),
  });
}

export const AWAY = new EcrTokenError({ code: 'network', message: 'away', remedy: 'wait' });

/** A cache with an AWS whose answers a test sets. */
export function staged(changes: Partial<TokenRenewalOptions> = {}) {
  const aws = { now: START, calls: 0, isAway: false, life: 12 * HOUR };
  const events: string[] = [];
  const cache = new TokenCache({
    issue: async () => {
      aws.calls += 1;
      await Promise.resolve();
      if (aws.isAway) throw AWAY;
      return tokenAt(aws.now, aws.life);
    },
    policy: POLICY,
    timeout: 15_000,
    renewAhead: false,
    now: () => aws.now,
    monotonic: () => aws.now,
    random: () => 0,
    onRenewed: () => events.push('renewed'),
    onFailed: ({ code }) => events.push(code),
    ...changes,
  });
  return { aws, cache, events };
}
