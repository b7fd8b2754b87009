/** When clients accept a certificate: milliseconds since 1970, both inclusive. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export type Phase = 'early' | 'valid' | 'expired';

export function phaseAt({ notBefore, notAfter }: Validity, now: number): Phase {
  if (now < notBefore) return 'early';
  return now > notAfter ? 'expired' : 'valid';
}

/** An early certificate becomes valid by itself. One that has expired never does. */
const RANK: Readonly<Record<Phase, number>> = { valid: 2, early: 1, expired: 0 };

/**
 * Whether a certificate that was found replaces the one in use.
 *
 * | in use | found | replaced? |
 * | --- | --- | --- |
 * | valid | valid | yes: whoever changes the files means it |
 * | valid | not valid | no |
 * | not valid | valid | yes |
 * | not valid | not valid | if it ends later, or begins earlier |
 *
 * A certificate that is not valid is served if there is nothing better: the API server then tells the writer of a Secret
 * what is wrong, and its clock may differ from ours.
 */
export function isBetter(found: Validity, inUse: Validity | undefined, now: number): boolean {
  if (inUse === undefined) return true;
  const phase = phaseAt(found, now);
  const other = phaseAt(inUse, now);
  if (phase !== other) return RANK[phase] > RANK[other];
  switch (phase) {
    case 'valid':
      return true;
    case 'early':
      return found.notBefore <= inUse.notBefore;
    case 'expired':
      return found.notAfter >= inUse.notAfter;
  }
}

/** Whether the first is valid and the second is not. */
export function isValidUnlike(one: Validity, other: Validity, now: number): boolean {
  return phaseAt(one, now) === 'valid' && phaseAt(other, now) !== 'valid';
}
