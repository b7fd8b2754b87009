import { EcrTokenError, type EcrTokenErrorCode } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import { NOW, token } from '../testing/requests.ts';
import type { Choice } from '../grants/choice.ts';
import { warningOf } from './warning.ts';

const OLD = { logins: new Map(), expiresAt: NOW, isOurs: true };
const TOKEN = {
  kind: 'token',
  token: token(12),
  expiresAt: NOW,
  trouble: undefined,
  isShortLived: false,
} as const;
const KEPT = { ...TOKEN, kind: 'old', old: OLD } as const;
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
    expect(warningOf(TOKEN)).toBeUndefined();
    expect(warningOf(KEPT)).toBeUndefined();
  });

  it.each<[string, Choice]>([
    ...CODES.flatMap((code): [string, Choice][] => {
      const trouble = new EcrTokenError({ code, message: 'm', remedy: 'r' });
      return [
        [`an older token (${code})`, { ...TOKEN, trouble }],
        [`the old credential, as AWS gives no token (${code})`, { ...KEPT, trouble }],
      ];
    }),
    ['a short-lived token', { ...TOKEN, isShortLived: true }],
    ['the old credential, as the token is short-lived', { ...KEPT, isShortLived: true }],
  ])('about %s is below 120 characters, and says when the credentials expire', (_, choice) => {
    const text = warningOf(choice) ?? '';
    expect(text).toContain('until 2026-01-02 03:04 UTC');
    expect(text.length).toBeLessThan(120);
  });

  describe('with several credentials names the one that is concerned', () => {
    const trouble = new EcrTokenError({ code: 'throttled', message: 'm', remedy: 'r' });
    const name = 'team-a/us-east-1';

    it.each<[Choice, string]>([
      [
        { ...KEPT, trouble },
        'ECR Anywhere cannot renew its token for team-a/us-east-1 (throttled); ' +
          'the old credentials stay, until 2026-01-02 03:04 UTC',
      ],
      [
        { kind: 'missing', old: OLD, trouble, isShortLived: false },
        'ECR Anywhere has no token for team-a/us-east-1 (throttled); the old credentials stay, and may have expired',
      ],
      [
        { kind: 'missing', old: undefined, trouble, isShortLived: false },
        'ECR Anywhere has no token for team-a/us-east-1 (throttled); the Secret has no credentials for it',
      ],
    ])('%#', (choice, text) => {
      expect(warningOf(choice, name)).toBe(text);
    });

    it('and is shorter than what the API server cuts, for the longest names', () => {
      const longest = `${'p'.repeat(63)}/ap-southeast-7`;
      expect(warningOf({ ...KEPT, trouble }, longest)!.length).toBeLessThan(256);
    });
  });
});
