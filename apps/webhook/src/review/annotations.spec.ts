import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { fakeSecret, filledSecret, HASH, NOW, withAnnotations } from '../testing/requests.ts';
import { newAnnotations, storedAnnotations } from './annotations.ts';

describe('the annotations of a Secret', () => {
  it('are restored, including the mark', () => {
    const old = filledSecret(11, { mark: 'once' });
    const byName = Object.entries(storedAnnotations(old)).map(([name, value]) => [
      ANNOTATIONS[name as keyof typeof ANNOTATIONS],
      value,
    ]);
    expect(Object.fromEntries(byName)).toEqual(old.metadata?.annotations);
  });

  it("do not include the user's own annotations, because a write may change these", () => {
    const own = { 'ecr-anywhere.centml.ai/profile': 'before', 'example.com/a': 'before' };
    expect(storedAnnotations(withAnnotations(filledSecret(11), own))).toEqual(
      storedAnnotations(filledSecret(11)),
    );
  });

  it('are restored without an unusually long mark, to keep answers small', () => {
    const stored = storedAnnotations(filledSecret(11, { mark: 'x'.repeat(5_000) }));
    expect(stored).toEqual({ ...stored, configHash: HASH });
    expect(stored.markedForUpdateAt).toBeUndefined();
  });

  it('have another updated_at than before, even within a millisecond', () => {
    const old = withAnnotations(fakeSecret(), { [ANNOTATIONS.updatedAt]: new Date(NOW).toISOString() });
    const { updatedAt } = newAnnotations({ now: NOW, expiresAt: NOW, configHash: HASH }, old);
    expect(updatedAt).toBe(new Date(NOW + 1).toISOString());
  });
});
