import { EcrTokenError } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dockerConfigJson } from '../consumers/docker-config-json.ts';
import { choose, issuedWithin } from './choice.ts';
import type { Due } from './decision.ts';
import { HOUR, NOW, token } from '../testing/requests.ts';

const POLICY = { now: NOW, least: 6.5 * HOUR };
const AWAY = new EcrTokenError({ code: 'network', message: 'away', remedy: 'wait' });
const MINUTE = 60_000;

function due(hours: number | undefined, isMarked: boolean): Due {
  const old = hours === undefined ? undefined : { data: { key: 'old' }, expiresAt: NOW + hours * HOUR };
  return { kind: 'due', consumer: dockerConfigJson, old, isMarked };
}

describe('how recently AWS must have issued the token, for', () => {
  it.each([
    ['a mark on a Secret that claims to end later', due(12, true), 11, MINUTE],
    ['a mark on one that claims to end later, with no token at hand', due(12, true), undefined, MINUTE],
    ['a mark on one that ends as late', due(11, true), 11, undefined],
    ['a mark on one that ends sooner', due(2, true), 11, undefined],
    ['a mark on one that claims to end later than any can', due(14, true), 11, undefined],
    ['a mark on one that holds nothing to believe', due(undefined, true), 11, undefined],
    ['no mark', due(12, false), 11, undefined],
  ])('%s', (_, secret, atHand, within) => {
    expect(issuedWithin(secret, atHand === undefined ? undefined : token(atHand), NOW)).toBe(within);
  });
});

describe('the choice for a due Secret', () => {
  it.each([
    ['nothing to believe', due(undefined, false), { token: token(11) }, 'token'],
    ['one that has ended', due(-1, false), { token: token(11) }, 'token'],
    ['one that claims to end later than any can', due(14, false), { token: token(11) }, 'token'],
    ['one that ends sooner', due(5, false), { token: token(11) }, 'token'],
    ['one that ends as late', due(11, false), { token: token(11) }, 'token'],
    ['one that claims to end later, without a mark', due(12, false), { token: token(11) }, 'old'],
    ['one that claims to end later, with a mark', due(12, true), { token: token(11) }, 'token'],
    ['the same, while AWS is down', due(12, true), { token: token(11), stale: AWAY }, 'old'],
    ['the same, while AWS gives short-lived tokens', due(12, true), { token: token(6.5) }, 'old'],
    ['one that ends sooner, while AWS gives short-lived tokens', due(2, true), { token: token(3) }, 'token'],
    ['one that ends sooner, while AWS is down', due(2, true), { token: token(9), stale: AWAY }, 'token'],
  ] as const)('between AWS’s token and %s', (_, secret, result, chosen) => {
    const { oldStays, expiresAt } = choose(secret, result, POLICY);
    expect(oldStays).toBe(chosen === 'old' ? secret.old : undefined);
    expect(expiresAt).toBe(oldStays?.expiresAt ?? result.token.expiresAt.getTime());
  });

  it('never shortens the life of a credential, except for a mark if AWS has just issued the token', () => {
    const hours = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(hours, hours, fc.boolean(), fc.boolean(), (old, life, isMarked, isStale) => {
        const result = { token: token(life), stale: isStale ? AWAY : undefined };
        const { expiresAt } = choose(due(old, isMarked), result, POLICY);
        if (!isMarked || isStale) expect(expiresAt).toBe(NOW + Math.max(old, life) * HOUR);
        // If any credential lives long enough for a refresh, the chosen one does.
        if (Math.max(old, life) > 6.5) expect(expiresAt).toBeGreaterThan(NOW + 6.5 * HOUR);
      }),
    );
  });
});
