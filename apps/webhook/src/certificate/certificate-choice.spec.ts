import { describe, expect, it } from '@jest/globals';
import { isBetter, phaseAt } from './certificate-choice.ts';

const NOW = 1_000;
const VALID = { notBefore: 500, notAfter: 1_500 };
const SHORTER = { notBefore: 400, notAfter: 1_200 };
const SOON = { notBefore: 1_100, notAfter: 1_300 };
const LATER = { notBefore: 1_200, notAfter: 2_000 };
const LONG_AGO = { notBefore: 100, notAfter: 200 };
const JUST_EXPIRED = { notBefore: 100, notAfter: 999 };

describe('a certificate in the files', () => {
  it.each([
    ['the first', VALID, undefined],
    ['the first, even if it has expired', JUST_EXPIRED, undefined],
    ['the first, even if it is not valid yet', LATER, undefined],
    ['a new one, even if it ends sooner', SHORTER, VALID],
    ['a valid one, in place of one that has expired', SHORTER, JUST_EXPIRED],
    ['a valid one, in place of one that is not valid yet', SHORTER, SOON],
    ['one that will be valid, in place of one that has expired', LATER, JUST_EXPIRED],
    ['one that will be valid sooner, in place of one that will be later', SOON, LATER],
    ['one that expired later, in place of one that expired before', JUST_EXPIRED, LONG_AGO],
    ['a new one that expired together with the old', JUST_EXPIRED, { ...JUST_EXPIRED, notBefore: 0 }],
  ])('is taken into use: %s', (_, found, inUse) => {
    expect(isBetter(found, inUse, NOW)).toBe(true);
  });

  it.each([
    ['has expired, and the old one is valid', JUST_EXPIRED, VALID],
    ['is not valid yet, and the old one is', SOON, VALID],
    ['has expired, and the old one will be valid', JUST_EXPIRED, LATER],
    ['will be valid later than the old one', LATER, SOON],
    ['expired before the old one', LONG_AGO, JUST_EXPIRED],
  ])('is ignored if it %s', (_, found, inUse) => {
    expect(isBetter(found, inUse, NOW)).toBe(false);
  });

  it('is valid from its first moment to its last', () => {
    const phases = [499, 500, 1_500, 1_501].map((now) => phaseAt(VALID, now));
    expect(phases).toEqual(['early', 'valid', 'valid', 'expired']);
  });
});
