import { EcrTokenError } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import { NOW } from './testing/requests.ts';
import { warningOf } from './warning.ts';

const KEPT = { data: 'old', expiresAt: NOW };
const CHOICE = { kept: undefined, expiresAt: NOW, stale: undefined, isShortLived: false };
/** No code is longer. */
const STALE = new EcrTokenError({ code: 'credentials-missing', message: 'm', remedy: 'r' });

describe('the warning to the writer of a Secret', () => {
  it('is none where AWS has given a token that lives long enough', () => {
    expect(warningOf(CHOICE)).toBeUndefined();
    expect(warningOf({ ...CHOICE, kept: KEPT })).toBeUndefined();
  });

  it.each([
    ['an older token', { ...CHOICE, stale: STALE }],
    ['the old credential, as AWS does not answer', { ...CHOICE, kept: KEPT, stale: STALE }],
    ['a short-lived token', { ...CHOICE, isShortLived: true }],
    ['the old credential, as the token is short-lived', { ...CHOICE, kept: KEPT, isShortLived: true }],
  ])('about %s is below 120 characters, and says until when', (_, choice) => {
    const text = warningOf(choice) ?? '';
    expect(text).toContain('until 2026-01-02 03:04 UTC');
    expect(text.length).toBeLessThan(120);
  });
});
