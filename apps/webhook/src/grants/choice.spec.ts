import { EcrTokenError } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choose, issuedWithin, type Choice } from './choice.ts';
import { HOUR, NOW, token } from '../testing/requests.ts';
import type { OldCredential } from './old-credential.ts';

const LEAST = 6.5 * HOUR;
const AWAY = new EcrTokenError({ code: 'network', message: 'away', remedy: 'wait' });
const MINUTE = 60_000;

/** What a Secret claims to hold, which ends in so many hours. */
function old(hours: number | undefined, isOurs = true): OldCredential | undefined {
  const logins = new Map([['host', { username: 'AWS', password: 'old' }]]);
  return hours === undefined ? undefined : { logins, expiresAt: NOW + hours * HOUR, isOurs };
}

describe('how recently AWS must have issued the token, for', () => {
  it.each([
    ['a mark on a Secret that claims to end later', old(12), true, 11, MINUTE],
    ['a mark on one that claims to end later, with no token at hand', old(12), true, undefined, MINUTE],
    ['a mark on one that ends as late', old(11), true, 11, undefined],
    ['a mark on one that ends sooner', old(2), true, 11, undefined],
    ['a mark on one that claims to end later than any can', old(14), true, 11, undefined],
    ['a mark on one that holds nothing to believe', old(undefined), true, 11, undefined],
    ['a mark on one that was filled under other settings', old(12, false), true, 11, undefined],
    ['no mark', old(12), false, 11, undefined],
  ])('%s', (_, credential, isMarked, atHand, within) => {
    const held = atHand === undefined ? undefined : token(atHand);
    expect(issuedWithin(credential, held, { now: NOW, isMarked })).toBe(within);
  });
});

describe('the choice for a credential of a due Secret', () => {
  const choice = (
    credential: OldCredential | undefined,
    isMarked: boolean,
    obtained: Parameters<typeof choose>[1],
  ): Choice => choose({ old: credential }, obtained, { now: NOW, least: LEAST, isMarked });

  it.each([
    ['nothing to believe', old(undefined), false, { token: token(11) }, 'token'],
    ['one that has ended', old(-1), false, { token: token(11) }, 'token'],
    ['one that claims to end later than any can', old(14), false, { token: token(11) }, 'token'],
    ['one that was filled under other settings', old(12, false), false, { token: token(11) }, 'token'],
    ['one that ends sooner', old(5), false, { token: token(11) }, 'token'],
    ['one that ends as late', old(11), false, { token: token(11) }, 'token'],
    ['one that claims to end later, without a mark', old(12), false, { token: token(11) }, 'old'],
    ['one that claims to end later, with a mark', old(12), true, { token: token(11) }, 'token'],
    ['the same, while AWS is down', old(12), true, { token: token(11), stale: AWAY }, 'old'],
    ['the same, while AWS gives short-lived tokens', old(12), true, { token: token(6.5) }, 'old'],
    ['one that ends sooner, while AWS gives short-lived tokens', old(2), true, { token: token(3) }, 'token'],
    ['one that ends sooner, while AWS is down', old(2), true, { token: token(9), stale: AWAY }, 'token'],
  ] as const)('between AWS’s token and %s', (_, credential, isMarked, result, chosen) => {
    const made = choice(credential, isMarked, result);
    expect(made.kind).toBe(chosen);
    expect(made).toMatchObject({
      expiresAt: chosen === 'old' ? credential?.expiresAt : result.token.expiresAt.getTime(),
    });
  });

  it.each([
    ['one that is believable', old(5), { kind: 'old', expiresAt: NOW + 5 * HOUR }],
    ['one that was filled under other settings', old(5, false), { kind: 'missing', old: old(5, false) }],
    [
      'one that does not say when it ends',
      { ...old(5, false)!, expiresAt: undefined },
      { kind: 'missing', old: expect.anything() },
    ],
    ['one that has ended', old(-1), { kind: 'missing', old: undefined }],
    [
      'one that was filled under other settings and has ended',
      old(-1, false),
      { kind: 'missing', old: undefined },
    ],
    ['nothing', old(undefined), { kind: 'missing', old: undefined }],
  ])('without a token, with or without a mark, between nothing and %s', (_, credential, expected) => {
    for (const isMarked of [false, true])
      expect(choice(credential, isMarked, { error: AWAY })).toMatchObject({ ...expected, trouble: AWAY });
  });

  it('never shortens the life of a credential, except for a mark if AWS has just issued the token', () => {
    const hours = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(hours, hours, fc.boolean(), fc.boolean(), (before, life, isMarked, isStale) => {
        const result = { token: token(life), stale: isStale ? AWAY : undefined };
        const made = choice(old(before), isMarked, result);
        if (made.kind === 'missing') throw new Error('There is a token');
        if (!isMarked || isStale) expect(made.expiresAt).toBe(NOW + Math.max(before, life) * HOUR);
        // If any credential lives long enough for a refresh, the chosen one does.
        if (Math.max(before, life) > 6.5) expect(made.expiresAt).toBeGreaterThan(NOW + LEAST);
      }),
    );
  });
});
