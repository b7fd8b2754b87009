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
  it('has the label with the value true', () => {
    expect(isManaged({ labels: { [LABELS.managed]: 'true' } })).toBe(true);
    for (const labels of [undefined, null, {}, { [LABELS.managed]: 'True' }])
      expect(isManaged({ labels: labels as ObjectMeta['labels'] })).toBe(false);
    expect(isManaged(undefined)).toBe(false);
  });

  it.each<[string, ObjectMeta, string | undefined]>([
    ['was never filled', {}, 'never-filled'],
    ['has credentials that have ended', expiring(NOW), 'expired'],
    ['has credentials that end exactly at the threshold', expiring(NOW + 6 * HOUR), 'expires-soon'],
    ['has credentials that end a millisecond after the threshold', expiring(NOW + 6 * HOUR + 1), undefined],
    ['has an expires_at that is no time', expiring('soon'), 'expiry-unreadable'],
    ['has an expires_at before 1970', expiring('0000-01-01T00:00:00+23:59'), 'expiry-unreadable'],
    ['has an expires_at that only Date.parse would accept', expiring('1'), 'expiry-unreadable'],
    [
      'has the latest expires_at that a clock difference can explain',
      expiring(NOW + TOKEN_LIFETIME + CLOCK_TOLERANCE),
      undefined,
    ],
    [
      'has an expires_at a millisecond after that',
      expiring(NOW + TOKEN_LIFETIME + CLOCK_TOLERANCE + 1),
      'expiry-implausible',
    ],
  ])('that %s has the right reason to be due, or none', (_, metadata, reason) => {
    expect(dueReason(metadata, POLICY)).toBe(reason);
  });

  it('is due if one of its credentials is missing, although the others live long', () => {
    const each = (text: string) => ({
      annotations: { ...expiring(NOW + 9 * HOUR).annotations, [ANNOTATIONS.expiresAtEach]: text },
    });
    const at = new Date(NOW + 9 * HOUR).toISOString();
    expect(dueReason(each(`a/eu-west-1=${at}, a/us-east-1=missing`), POLICY)).toBe('credentials-missing');
    expect(dueReason(each(`a/eu-west-1=${at}, a/us-east-1=${at}`), POLICY)).toBeUndefined();
  });

  it('is due if it was filled under other settings than those expected of it', () => {
    const metadata = expiring(NOW + 9 * HOUR, 'theirs');
    expect(dueReason(metadata, { ...POLICY, expectedHash: () => 'ours' })).toBe('config-changed');
    expect(dueReason(metadata, { ...POLICY, expectedHash: () => 'theirs' })).toBeUndefined();
  });

  it('is not due because of its settings if the expected ones are unknown', () => {
    const metadata = expiring(NOW + 9 * HOUR, 'theirs');
    expect(dueReason(metadata, POLICY)).toBeUndefined();
    expect(dueReason(metadata, { ...POLICY, expectedHash: () => undefined })).toBeUndefined();
  });

  it('is compared with its own expected settings, not with those of another Secret', () => {
    const expectedHash = ({ namespace }: ObjectMeta) => `of-${namespace}`;
    const filledFor = (namespace: string, hash: string) => ({
      ...expiring(NOW + 9 * HOUR, hash),
      namespace,
    });
    const policy = { ...POLICY, expectedHash };
    expect(dueReason(filledFor('blue', 'of-blue'), policy)).toBeUndefined();
    expect(dueReason(filledFor('red', 'of-blue'), policy)).toBe('config-changed');
  });

  it('is due if every refresh is forced', () => {
    expect(dueReason(expiring(NOW + 9 * HOUR), { ...POLICY, force: true })).toBe('forced');
  });

  it('is read without an exception, with any annotations', () => {
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
