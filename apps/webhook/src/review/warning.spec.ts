import { EcrTokenError, type EcrTokenErrorCode } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import { NOW } from '../testing/requests.ts';
import { warningOf } from './warning.ts';

const KEPT = { data: { key: 'old' }, expiresAt: NOW };
const CHOICE = { oldStays: undefined, expiresAt: NOW, stale: undefined, isShortLived: false };
const CODES = Object.keys({
  'credentials-missing': true,
  'credentials-invalid': true,
  'identity-rejected': true,
  'role-denied': true,
  'ecr-denied': true,
  throttled: true,
  'region-unavailable': true,
  'clock-skew': true,
  network: true,
  timeout: true,
  aborted: true,
  service: true,
  'bad-response': true,
  'invalid-settings': true,
} satisfies Record<EcrTokenErrorCode, true>) as EcrTokenErrorCode[];

describe('the warning to the writer of a Secret', () => {
  it('is absent when AWS has given a token that lives long enough', () => {
    expect(warningOf(CHOICE)).toBeUndefined();
    expect(warningOf({ ...CHOICE, oldStays: KEPT })).toBeUndefined();
  });

  it.each([
    ...CODES.flatMap((code) => {
      const stale = new EcrTokenError({ code, message: 'm', remedy: 'r' });
      return [
        [`an older token (${code})`, { ...CHOICE, stale }],
        [`the old credential, as AWS gives no token (${code})`, { ...CHOICE, oldStays: KEPT, stale }],
      ] as const;
    }),
    ['a short-lived token', { ...CHOICE, isShortLived: true }],
    ['the old credential, as the token is short-lived', { ...CHOICE, oldStays: KEPT, isShortLived: true }],
  ])('about %s is below 120 characters, and says when the credentials expire', (_, choice) => {
    const text = warningOf(choice) ?? '';
    expect(text).toContain('until 2026-01-02 03:04 UTC');
    expect(text.length).toBeLessThan(120);
  });
});
