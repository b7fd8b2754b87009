import { allow } from '@ecr-anywhere/admission';
import type { Admission } from '../review/admission.ts';
import { outlineOf } from '../review/outline.ts';

/** An admission that leaves every Secret untouched. A test can replace its answer. */
export function untouchedAdmission(
  answer: Admission['answer'] = async ({ outline }) => ({ review: allow(outline), result: 'untouched' }),
): Admission {
  return {
    decide: (review) => ({ outline: outlineOf(review), decision: { kind: 'untouched' }, profiles: [] }),
    answer,
  };
}
