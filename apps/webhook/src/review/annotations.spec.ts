import { ANNOTATIONS, MISSING, type Ends } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { fakeSecret, filledSecret, HASH, HOUR, NOW, withAnnotations } from '../testing/requests.ts';
import { newAnnotations, storedAnnotations } from './annotations.ts';

const ENDS: Ends = new Map([['default/eu-west-1', NOW + 12 * HOUR]]);

const ONE = { hasOneCredential: true };

describe('the annotations of a Secret', () => {
  it('are restored, including the mark', () => {
    const old = filledSecret(11, { mark: 'once' });
    const byName = Object.entries({ ...storedAnnotations(old, ONE), expiresAtEach: undefined }).map(
      ([name, value]) => [ANNOTATIONS[name as keyof typeof ANNOTATIONS], value],
    );
    expect(Object.fromEntries(byName)).toEqual(old.metadata?.annotations);
  });

  it("do not include the user's own annotations, because a write may change these", () => {
    const own = { 'ecr-anywhere.centml.ai/profile': 'before', 'example.com/a': 'before' };
    expect(storedAnnotations(withAnnotations(filledSecret(11), own), ONE)).toEqual(
      storedAnnotations(filledSecret(11), ONE),
    );
  });

  it('are restored without an unusually long mark, to keep answers small', () => {
    const stored = storedAnnotations(filledSecret(11, { mark: 'x'.repeat(5_000) }), ONE);
    expect(stored).toEqual({ ...stored, configHash: HASH });
    expect(stored.markedForUpdateAt).toBeUndefined();
  });

  it('have another updated_at than before, even within a millisecond', () => {
    const old = withAnnotations(fakeSecret(), { [ANNOTATIONS.updatedAt]: new Date(NOW).toISOString() });
    const { updatedAt } = newAnnotations({ now: NOW, ends: ENDS, configHash: HASH }, old);
    expect(updatedAt).toBe(new Date(NOW + 1).toISOString());
  });

  describe('about several credentials', () => {
    const after = (ends: Ends) => newAnnotations({ now: NOW, ends, configHash: HASH }, undefined);

    it('say when each ends, and when the first one ends', () => {
      expect(
        after(new Map<string, number | typeof MISSING>([...ENDS, ['default/us-east-1', NOW + HOUR]])),
      ).toMatchObject({
        expiresAt: '2026-01-02T04:04:05.678Z',
        expiresAtEach:
          'default/eu-west-1=2026-01-02T15:04:05.678Z, default/us-east-1=2026-01-02T04:04:05.678Z',
      });
    });

    it('say which one is missing, and then let the Secret end now, so that it is due at every run', () => {
      expect(
        after(new Map<string, number | typeof MISSING>([...ENDS, ['default/us-east-1', MISSING]])),
      ).toMatchObject({
        expiresAt: new Date(NOW).toISOString(),
        expiresAtEach: 'default/eu-west-1=2026-01-02T15:04:05.678Z, default/us-east-1=missing',
      });
    });

    it('give way to those about one', () => {
      expect(after(ENDS)).toMatchObject({ expiresAt: '2026-01-02T15:04:05.678Z', expiresAtEach: null });
    });

    it('are restored as they were, and not into a Secret with one', () => {
      const text = 'default/eu-west-1=2026-01-02T15:04:05.678Z, default/us-east-1=missing';
      const secret = withAnnotations(filledSecret(11), { [ANNOTATIONS.expiresAtEach]: text });
      expect(storedAnnotations(secret, { hasOneCredential: false }).expiresAtEach).toBe(text);
      expect(storedAnnotations(secret, ONE).expiresAtEach).toBeNull();
    });
  });
});
