import {
  allow,
  deny,
  type AdmissionRequest,
  type AdmissionReview,
  type AdmissionReviewResponse,
} from '@ecr-anywhere/admission';
import type { EcrTokenError } from '@ecr-anywhere/ecr-token';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Logins, WriteOptions } from '../consumers/consumer.ts';
import { lengthOf, type Secret } from '../consumers/secret.ts';
import { READ_BUFFER } from '../http/connection.ts';
import type { AdmissionResult } from '../operations/admission-result.ts';
import type { ServedProfiles } from '../profiles/served-profiles.ts';
import { newAnnotations } from './annotations.ts';
import { credentialWriter, type ChosenGrant } from './credential-writer.ts';
import { decideWithProfiles, type DueWithTokens, type FilledDecision } from './decide-with-profiles.ts';
import { fill } from './fill.ts';
import { endOf, obtain, type Chosen, type NoToken } from './filling.ts';
import { hostsOf } from './grant.ts';
import { outlineOf, type ReviewOutline } from './outline.ts';
import { sharedHostOf, type GrantHosts } from './shared-host.ts';
import type { OnGone, WaitingRoom } from './waiting-room.ts';
import { warningOf } from './warning.ts';
import type { WriteRules } from './write-rules.ts';

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

/** What is held of a review from its decision to its answer. Of the review itself only the outline is left. */
export interface DecidedReview {
  readonly decision: FilledDecision | { readonly kind: 'failed'; readonly defect: unknown };
  readonly outline: ReviewOutline;
  /** The names of the Secret's profiles, in their order; empty if the Secret is left untouched, or has none. */
  readonly profiles: readonly string[];
}

/** How long an answer may wait for AWS. */
export interface AnswerLimits {
  readonly timeout: Milliseconds;
  /** Length of the review's body. */
  readonly bytes: number;
  /** Calls its listener when the client no longer waits for the answer. */
  readonly onGone: OnGone;
}

/** What admissions are judged by. */
export interface AdmissionOptions extends WriteOptions {
  readonly profiles: Pick<ServedProfiles, 'choose'>;
  readonly threshold: Milliseconds;
  readonly margin: Milliseconds;
  readonly rules: WriteRules;
  /** Where reviews wait that need a token from AWS. */
  readonly waiting: Pick<WaitingRoom, 'wait'>;
}

/** Answers reviews in two steps, between which the review is let go. Neither step throws. */
export interface Admission {
  /** Decides about a review, without waiting for anything. */
  decide(review: AdmissionReview): DecidedReview;
  /** Carries the decision out: takes a token if one is needed, and makes the patch. */
  answer(decided: DecidedReview, limits: AnswerLimits): Promise<Answer>;
}

export function createAdmission({
  profiles,
  waiting,
  threshold,
  margin,
  rules,
  dockerConfigFields,
}: AdmissionOptions): Admission {
  const write = credentialWriter({ dockerConfigFields });

  return {
    decide(review) {
      try {
        // Decoding has checked that both objects are objects; `decide` checks each field that it reads.
        const { decision, profiles: chosen } = decideWithProfiles(
          review.request as AdmissionRequest<Secret>,
          { profiles, threshold, rules },
        );
        const keys = 'consumer' in decision ? decision.consumer.keys : [];
        const rest = 'rest' in decision ? decision.rest : undefined;
        const outline = outlineOf(review, keys, rest);
        return { decision, outline, profiles: decision.kind === 'untouched' ? [] : chosen };
      } catch (defect) {
        return { decision: { kind: 'failed', defect }, outline: outlineOf(review), profiles: [] };
      }
    },
    async answer(decided, limits) {
      try {
        return await carryOut(decided, limits);
      } catch (defect) {
        return failed(decided.outline, defect);
      }
    },
  };

  async function carryOut({ outline, decision }: DecidedReview, limits: AnswerLimits): Promise<Answer> {
    switch (decision.kind) {
      case 'untouched':
        return { review: allow(outline), result: 'untouched' };
      case 'refused':
        return refused(outline, decision);
      case 'kept': {
        const { data, annotations } = decision;
        const patch = fill(outline.request.object ?? {}, { data }, annotations);
        return { review: allow(outline, { patch }), result: 'kept' };
      }
      case 'due':
        return refresh(outline, decision, limits);
      case 'failed':
        throw decision.defect;
    }
  }

  async function refresh(
    outline: ReviewOutline,
    { grants, consumer, rest, isMarked, configHash }: DueWithTokens,
    { timeout, bytes, onGone }: AnswerLimits,
  ): Promise<Answer> {
    const { object, oldObject } = outline.request;
    const texts =
      lengthOf(object?.data) +
      (rest?.length ?? 0) +
      grants.reduce((sum, { old }) => sum + lengthOfLogins(old?.logins), 0);
    // The connection's read buffer still holds what came last of the body.
    const held = Math.max(texts, Math.min(bytes, READ_BUFFER));
    const request = { timeout, isMarked, least: threshold + margin };
    const chosen = await waiting.wait(held, onGone, (place) => obtain(grants, request, place));
    if ('errors' in chosen) return unavailable(outline, chosen);
    const conflict = sharedHostOf(chosen.grants.map(filledHosts));
    if (conflict !== undefined) return refused(outline, { kind: 'refused', message: conflict });
    const ends = new Map(chosen.grants.map(({ grant, choice }) => [grant.name, endOf(choice)]));
    const annotations = newAnnotations({ now: chosen.now, ends, configHash }, oldObject);
    const patch = fill(object ?? {}, write(chosen.grants, consumer, rest), annotations);
    return { review: allow(outline, { patch, warnings: warningsOf(chosen) }), ...resultOf(chosen) };
  }
}

function lengthOfLogins(logins: Logins | undefined): number {
  return [...(logins?.values() ?? [])].reduce((sum, { password }) => sum + password.length, 0);
}

/** The hosts that a Secret gets for a grant. */
function filledHosts({ grant, choice }: ChosenGrant): GrantHosts {
  const hosts =
    choice.kind === 'token' ? hostsOf(grant, choice.token) : [...(choice.old?.logins.keys() ?? [])];
  return { name: grant.name, hosts };
}

function refused(outline: ReviewOutline, decision: Extract<FilledDecision, { kind: 'refused' }>): Answer {
  const status = decision.isForbidden ? { code: 403, reason: 'Forbidden' } : { code: 422, reason: 'Invalid' };
  return { review: deny(outline, { ...status, message: decision.message }), result: 'refused' };
}

function failed(outline: ReviewOutline, defect: unknown): Answer {
  const message = `ECR Anywhere failed unexpectedly; the webhook's log says why, under uid ${outline.request.uid}`;
  return { review: deny(outline, { code: 500, reason: 'InternalError', message }), result: 'error', defect };
}

function unavailable(outline: ReviewOutline, { errors }: NoToken): Answer {
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
