import {
  allow,
  deny,
  type AdmissionRequest,
  type AdmissionReview,
  type AdmissionReviewResponse,
} from '@ecr-anywhere/admission';
import { isEcrTokenError, type EcrTokenError, type EcrTokenResult } from '@ecr-anywhere/ecr-token';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { AdmissionResult } from '../operations/admission-result.ts';
import { choose, issuedWithin } from './choice.ts';
import { READ_BUFFER } from '../http/connection.ts';
import type { ServedProfiles, ServedTarget } from '../profiles/served-profiles.ts';
import { decide, isUntouched, type Due } from './decision.ts';
import type { CredentialPolicy } from './old-credential.ts';
import { longTextOf, outline } from './outline.ts';
import { ownHost, pullSecretMaker } from './pull-secret.ts';
import { fill, newStamp, placing, putBack } from './refill.ts';
import type { Secret } from './secret.ts';
import type { OnGone, WaitingRoom } from './waiting-room.ts';
import { warningOf } from './warning.ts';

/** The answer to a review, and what it came to. */
export interface Admission {
  readonly review: AdmissionReviewResponse;
  readonly result: AdmissionResult;
  /** Why a token could not be had, or is an older one. */
  readonly error?: EcrTokenError | undefined;
  /** Whether the token lives no longer than threshold and margin. */
  readonly isShortLived?: boolean | undefined;
}

/** What admissions are judged by. */
export interface AdmissionOptions {
  readonly profiles: Pick<ServedProfiles, 'choose'>;
  readonly threshold: Milliseconds;
  readonly margin: Milliseconds;
  /** Where reviews wait that cannot be answered at once. */
  readonly waiting: Pick<WaitingRoom, 'wait'>;
}

/**
 * `timeout` is how long it may wait for a token; `onGone` calls its listener when nobody waits for the answer any more;
 * `bytes` is what came of the review.
 */
export type Admit = (
  review: AdmissionReview,
  timeout: Milliseconds,
  onGone?: OnGone,
  bytes?: number,
) => Promise<Admission>;

/** What a Secret is filled with. */
interface Filling {
  readonly target: ServedTarget;
  readonly configHash: string;
}

/** Answers reviews: the profile, the decision, the token where one is needed, and the patch. */
export function admission({ profiles, waiting, threshold, margin }: AdmissionOptions): Admit {
  const pullSecret = pullSecretMaker();

  return async (review, timeout, onGone = never, bytes = 0) => {
    // Decoding has made sure that both objects are objects; what a Secret is made of is read with care.
    const request = review.request as AdmissionRequest<Secret>;
    const { object, namespace } = request;
    const choice = profiles.choose({ metadata: object?.metadata, namespace });
    if (choice.kind === 'refused')
      return isUntouched(request) ? untouched(review) : refused(review, choice.message);
    const [{ targets }] = choice.profiles;
    const filling: Filling = { target: targets[0], configHash: choice.hash };
    const decision = decide(request, policyOf(filling, threshold));
    switch (decision.kind) {
      case 'untouched':
        return untouched(review);
      case 'refused':
        return refused(review, decision.message);
      case 'kept': {
        const patch = putBack(request.object ?? {}, request.oldObject, decision.old);
        return { review: allow(review, { patch }), result: 'kept' };
      }
      case 'due':
        // From here on it may take a while: nothing of the review itself is kept.
        return refresh(outline(review), decision, filling, timeout, onGone, bytes);
    }
  };

  async function refresh(
    review: AdmissionReview<Secret>,
    due: Due,
    { target, configHash }: Filling,
    timeout: Milliseconds,
    onGone: OnGone,
    bytes: number,
  ): Promise<Admission> {
    const { object, oldObject } = review.request;
    const texts = longTextOf(review) + (due.old?.data.length ?? 0);
    const held = Math.max(texts, Math.min(bytes, READ_BUFFER));
    const { tokens } = target;
    let result: EcrTokenResult;
    try {
      const recent = issuedWithin(due, tokens.peek(), tokens.now());
      result = await waiting.wait(held, onGone, (limits) =>
        tokens({ timeout, issuedWithin: recent, ...limits }),
      );
    } catch (error) {
      if (!isEcrTokenError(error)) throw error;
      return unavailable(review, error);
    }
    const now = tokens.now();
    const choice = choose(due, result, { now, least: threshold + margin });
    const { kept, expiresAt, stale, isShortLived } = choice;
    const stamp = newStamp({ now, expiresAt, configHash }, oldObject);
    const patch = fill(object ?? {}, kept ? placing(kept.data) : pullSecret(target, result.token), stamp);
    const warning = warningOf(choice);
    return {
      review: allow(review, { patch, warnings: warning === undefined ? [] : [warning] }),
      result: stale === undefined ? 'refreshed' : 'bridged',
      error: stale,
      isShortLived,
    };
  }
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

function untouched(review: AdmissionReview): Admission {
  return { review: allow(review), result: 'untouched' };
}

function refused(review: AdmissionReview, message: string): Admission {
  return { review: deny(review, { code: 422, reason: 'Invalid', message }), result: 'refused' };
}

function never(): void {
  // Who is not known to leave stays.
}

function unavailable(review: AdmissionReview, error: EcrTokenError): Admission {
  const message = `No ECR token could be had: ${error.message}; ${error.remedy}`;
  return error.transient
    ? {
        review: deny(review, { code: 503, reason: 'ServiceUnavailable', message }),
        result: 'unavailable',
        error,
      }
    : { review: deny(review, { code: 403, reason: 'Forbidden', message }), result: 'denied', error };
}
