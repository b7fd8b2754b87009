import { allow } from '@ecr-anywhere/admission';
import type { Admission } from '../review/admission.ts';
import { outlineOf } from '../review/outline.ts';

/** An admission that decides nothing and leaves every Secret untouched; a test may answer in another way. */
export function untouchedAdmission(
  answer: Admission['answer'] = async ({ outline }) => ({ review: allow(outline), result: 'untouched' }),
): Admission {
  return {
    decide: (review) => ({ outline: outlineOf(review), decision: { kind: 'untouched' } }),
    answer,
  };
}
