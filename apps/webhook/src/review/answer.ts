import { allow, deny, type AdmissionReviewResponse } from '@ecr-anywhere/admission';
import type { EcrTokenError } from '@ecr-anywhere/ecr-token';
import type { AdmissionResult } from '../operations/admission-result.ts';
import type { fill } from './fill.ts';
import type { Chosen, NoToken } from '../grants/obtain.ts';
import type { ReviewOutline } from './outline.ts';
import { warningOf } from './warning.ts';

/** The answer to a review, and what it came to. */
export interface Answer {
  readonly review: AdmissionReviewResponse;
  readonly result: AdmissionResult;
  /** Why there is no token, or only an older one. */
  readonly error?: EcrTokenError | undefined;
  /** Whether the token lives no longer than threshold and margin. */
  readonly isShortLived?: boolean | undefined;
  /** What was thrown, if the webhook has a defect. */
  readonly defect?: unknown;
}

/** The Secret itself, or its writer, is the reason. */
export function refused(
  outline: ReviewOutline,
  { message, isForbidden = false }: { readonly message: string; readonly isForbidden?: boolean },
): Answer {
  const status = isForbidden ? { code: 403, reason: 'Forbidden' } : { code: 422, reason: 'Invalid' };
  return { review: deny(outline, { ...status, message }), result: 'refused' };
}

/** The webhook has a defect. */
export function failed(outline: ReviewOutline, defect: unknown): Answer {
  const message = `ECR Anywhere failed unexpectedly; the webhook's log says why, under uid ${outline.request.uid}`;
  return { review: deny(outline, { code: 500, reason: 'InternalError', message }), result: 'error', defect };
}

/** There is no token. */
export function unavailable(outline: ReviewOutline, { errors }: NoToken): Answer {
  const [[, error], ...others] = errors as [NoToken['errors'][number], ...NoToken['errors']];
  const reasons = errors
    .slice(0, MOST_REASONS)
    .map(([name, { message, remedy }]) =>
      others.length === 0 ? `${message}; ${remedy}` : `for ${name}: ${message}; ${remedy}`,
    );
  const more = errors.length > MOST_REASONS ? `, and for ${errors.length - MOST_REASONS} more` : '';
  const message = `ECR Anywhere could not get an ECR token: ${reasons.join('. ')}${more}`;
  // If one of them may pass, a later write may succeed.
  return errors.some(([, { transient }]) => transient)
    ? {
        review: deny(outline, { code: 503, reason: 'ServiceUnavailable', message }),
        result: 'unavailable',
        error,
      }
    : { review: deny(outline, { code: 403, reason: 'Forbidden', message }), result: 'denied', error };
}

/** Reasons in a refusal. The log has all of them. */
const MOST_REASONS = 3;

/** What the writer of a Secret gets back. */
interface Filled {
  readonly patch: ReturnType<typeof fill>;
  /** Beside those about the credentials. */
  readonly warnings: readonly string[];
}

/** The Secret gets credentials. */
export function filled(outline: ReviewOutline, { patch, warnings }: Filled, chosen: Chosen): Answer {
  return {
    review: allow(outline, { patch, warnings: [...warningsOf(chosen), ...warnings] }),
    ...resultOf(chosen),
  };
}

function warningsOf({ grants }: Chosen): readonly string[] {
  return grants.flatMap(({ grant, choice }) => {
    const warning = warningOf(choice, grants.length > 1 ? grant.name : undefined);
    return warning === undefined ? [] : [warning];
  });
}

function resultOf({ grants }: Chosen): Pick<Answer, 'result' | 'error' | 'isShortLived'> {
  const choices = grants.map(({ choice }) => choice);
  const error = choices.find(({ trouble }) => trouble !== undefined)?.trouble;
  const isMissing = choices.some(({ kind }) => kind === 'missing');
  return {
    result: isMissing ? 'incomplete' : error === undefined ? 'refreshed' : 'bridged',
    error,
    isShortLived: choices.some(({ isShortLived }) => isShortLived),
  };
}
