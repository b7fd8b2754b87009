import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ANNOTATIONS,
  CLOCK_TOLERANCE,
  isManaged,
  LABELS,
  TOKEN_LIFETIME,
  type ObjectMeta,
} from './contract.ts';
import { dueReason, readExpiry } from './due.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const HOUR = 3_600_000;
const POLICY = { now: NOW, threshold: 6 * HOUR };

function expiring(at: number | string, hash?: string): ObjectMeta {
  const text = typeof at === 'string' ? at : new Date(at).toISOString();
  return { annotations: { [ANNOTATIONS.expiresAt]: text, ...(hash && { [ANNOTATIONS.configHash]: hash }) } };
}

describe('a managed Secret', () => {
  it('is one with the label, and its value true', () => {
    expect(isManaged({ labels: { [LABELS.managed]: 'true' } })).toBe(true);
    for (const labels of [undefined, null, {}, { [LABELS.managed]: 'True' }])
      expect(isManaged({ labels: labels as ObjectMeta['labels'] })).toBe(false);
    expect(isManaged(undefined)).toBe(false);
  });

  it.each<[string, ObjectMeta, string | undefined]>([
    ['it was never filled', {}, 'never-filled'],
    ['its credentials have ended', expiring(NOW), 'expired'],
    ['they end at the threshold to the millisecond', expiring(NOW + 6 * HOUR), 'expires-soon'],
    ['they end a millisecond later', expiring(NOW + 6 * HOUR + 1), undefined],
    ['its expires_at is no time', expiring('soon'), 'expiry-unreadable'],
    ['its expires_at is a number that Date would take', expiring('1'), 'expiry-unreadable'],
    [
      'its expires_at is as far off as two clocks may make it',
      expiring(NOW + TOKEN_LIFETIME + CLOCK_TOLERANCE),
      undefined,
    ],
    [
      'it is further off than that',
      expiring(NOW + TOKEN_LIFETIME + CLOCK_TOLERANCE + 1),
      'expiry-implausible',
    ],
  ])('is due or not where %s', (_, metadata, reason) => {
    expect(dueReason(metadata, POLICY)).toBe(reason);
  });

  it('is due where other settings made it, if there is something to compare', () => {
    const metadata = expiring(NOW + 9 * HOUR, 'theirs');
    expect(dueReason(metadata, { ...POLICY, configHash: 'ours' })).toBe('config-changed');
    expect(dueReason(metadata, { ...POLICY, configHash: 'theirs' })).toBeUndefined();
    expect(dueReason(metadata, POLICY)).toBeUndefined();
  });

  it('is due where that is forced', () => {
    expect(dueReason(expiring(NOW + 9 * HOUR), { ...POLICY, force: true })).toBe('forced');
  });

  it('is read without an exception, whatever stands in its annotations', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (annotations, value) => {
        expect(readExpiry({ annotations: annotations as never }, NOW)).toHaveProperty('kind');
        expect(readExpiry({ annotations: { [ANNOTATIONS.expiresAt]: value as never } }, NOW)).toHaveProperty(
          'kind',
        );
      }),
    );
  });
});
