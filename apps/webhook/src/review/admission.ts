import {
  allow,
  deny,
  type AdmissionRequest,
  type AdmissionReview,
  type AdmissionReviewResponse,
} from '@ecr-anywhere/admission';
import { isEcrTokenError, type EcrTokenError, type EcrTokenResult } from '@ecr-anywhere/ecr-token';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { WriteOptions } from '../consumers/consumer.ts';
import { lengthOf, type Secret } from '../consumers/secret.ts';
import { READ_BUFFER } from '../http/connection.ts';
import type { AdmissionResult } from '../operations/admission-result.ts';
import type { ServedProfiles, ServedTarget } from '../profiles/served-profiles.ts';
import { newAnnotations } from './annotations.ts';
import { choose, issuedWithin } from './choice.ts';
import { credentialWriter, ownHost } from './credential-writer.ts';
import { decide, isUntouched, type Decision, type Due } from './decision.ts';
import { outlineOf, type ReviewOutline } from './outline.ts';
import { fill } from './fill.ts';
import type { CredentialPolicy } from './old-credential.ts';
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

/** What a Secret is filled with. */
interface Filling {
  readonly target: ServedTarget;
  readonly configHash: string;
}

/** A decision, with what fills a Secret that is due. */
type FilledDecision = Exclude<Decision, Due> | (Due & Filling);

/** What is held of a review from its decision to its answer. Of the review itself only the outline is left. */
export interface DecidedReview {
  readonly decision: FilledDecision | { readonly kind: 'failed'; readonly defect: unknown };
  readonly outline: ReviewOutline;
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
        const decision = decideWithProfile(review.request as AdmissionRequest<Secret>);
        return { decision, outline: outlineOf(review, 'consumer' in decision ? decision.consumer.keys : []) };
      } catch (defect) {
        return { decision: { kind: 'failed', defect }, outline: outlineOf(review) };
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

  function decideWithProfile(request: AdmissionRequest<Secret>): FilledDecision {
    const { object, namespace } = request;
    const choice = profiles.choose({ metadata: object?.metadata, namespace });
    if (choice.kind === 'refused') return isUntouched(request) ? { kind: 'untouched' } : choice;
    const [{ targets }] = choice.profiles;
    const filling: Filling = { target: targets[0], configHash: choice.hash };
    const decision = decide(request, policyOf(filling, threshold), rules);
    return decision.kind === 'due' ? { ...decision, ...filling } : decision;
  }

  async function carryOut({ outline, decision }: DecidedReview, limits: AnswerLimits): Promise<Answer> {
    switch (decision.kind) {
      case 'untouched':
        return { review: allow(outline), result: 'untouched' };
      case 'refused':
        return {
          review: deny(outline, { ...statusOf(decision), message: decision.message }),
          result: 'refused',
        };
      case 'kept': {
        const { old, annotations } = decision;
        const patch = fill(outline.request.object ?? {}, old, annotations);
        return { review: allow(outline, { patch }), result: 'kept' };
      }
      case 'due':
        return refresh(outline, decision, limits);
      case 'failed':
        throw decision.defect;
    }
  }

  async function refresh(outline: ReviewOutline, due: Due & Filling, limits: AnswerLimits): Promise<Answer> {
    const { target, configHash } = due;
    const { tokens } = target;
    let result: EcrTokenResult;
    try {
      result = await waitForToken(waiting, outline, due, limits);
    } catch (error) {
      if (!isEcrTokenError(error)) throw error;
      return unavailable(outline, error);
    }
    const now = tokens.now();
    const choice = choose(due, result, { now, least: threshold + margin });
    const { oldStays, expiresAt, stale, isShortLived } = choice;
    const { object, oldObject } = outline.request;
    const annotations = newAnnotations({ now, expiresAt, configHash }, oldObject);
    const patch = fill(object ?? {}, oldStays ?? write(target, due.consumer, result.token), annotations);
    const warning = warningOf(choice);
    return {
      review: allow(outline, { patch, warnings: warning === undefined ? [] : [warning] }),
      result: stale === undefined ? 'refreshed' : 'bridged',
      error: stale,
      isShortLived,
    };
  }
}

function waitForToken(
  waiting: AdmissionOptions['waiting'],
  outline: ReviewOutline,
  due: Due & Filling,
  { timeout, bytes, onGone }: AnswerLimits,
): Promise<EcrTokenResult> {
  const texts = lengthOf(outline.request.object?.data) + lengthOf(due.old?.data);
  // The connection's read buffer still holds what came last of the body.
  const held = Math.max(texts, Math.min(bytes, READ_BUFFER));
  const { tokens } = due.target;
  const recent = issuedWithin(due, tokens.peek(), tokens.now());
  return waiting.wait(held, onGone, (wait) => tokens.get({ timeout, issuedWithin: recent, ...wait }));
}

/** What the old credential of a Secret is measured by. */
function policyOf({ target, configHash }: Filling, threshold: Milliseconds): CredentialPolicy {
  const { client, hosts, tokens } = target;
  return {
    now: tokens.now(),
    threshold,
    configHash,
    region: client.region,
    registryHosts: hosts,
    ownHost: ownHost(tokens.peek()),
  };
}

function statusOf({ isForbidden = false }: Extract<FilledDecision, { kind: 'refused' }>) {
  return isForbidden ? { code: 403, reason: 'Forbidden' } : { code: 422, reason: 'Invalid' };
}

function failed(outline: ReviewOutline, defect: unknown): Answer {
  const message = `ECR Anywhere failed unexpectedly; the webhook's log says why, under uid ${outline.request.uid}`;
  return { review: deny(outline, { code: 500, reason: 'InternalError', message }), result: 'error', defect };
}

function unavailable(outline: ReviewOutline, error: EcrTokenError): Answer {
  const message = `ECR Anywhere could not get an ECR token: ${error.message}; ${error.remedy}`;
  return error.transient
    ? {
        review: deny(outline, { code: 503, reason: 'ServiceUnavailable', message }),
        result: 'unavailable',
        error,
      }
    : { review: deny(outline, { code: 403, reason: 'Forbidden', message }), result: 'denied', error };
}
