/** When clients accept a certificate: milliseconds since 1970, both inclusive. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export type Phase = 'early' | 'valid' | 'ended';

export function phaseAt({ notBefore, notAfter }: Validity, now: number): Phase {
  if (now < notBefore) return 'early';
  return now > notAfter ? 'ended' : 'valid';
}

/** One that is early will be valid some day without anybody's help; one that has ended never will be again. */
const RANK: Readonly<Record<Phase, number>> = { valid: 2, early: 1, ended: 0 };

/**
 * Whether another certificate that was found is to be served from now on. Of two that are valid it is: whoever changes the
 * files means it. No valid one ever goes for one that is not; of two that are not, the better one is served all the same,
 * since the API server then tells the writer what is wrong, and its clock may be another.
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
    case 'ended':
      return found.notAfter >= inUse.notAfter;
  }
}

/** Whether one is valid and the other is not. */
export function isValidUnlike(one: Validity, other: Validity, now: number): boolean {
  return phaseAt(one, now) === 'valid' && phaseAt(other, now) !== 'valid';
}
