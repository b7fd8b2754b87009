import {
  allow,
  deny,
  type AdmissionRequest,
  type AdmissionReview,
  type AdmissionReviewResponse,
} from '@ecr-anywhere/admission';
import {
  isEcrTokenError,
  type EcrTokenError,
  type EcrTokenProvider,
  type EcrTokenResult,
} from '@ecr-anywhere/ecr-token';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import { choose, issuedWithin } from './choice.ts';
import { READ_BUFFER } from './connection.ts';
import { decide, type Due } from './decision.ts';
import type { CredentialPolicy } from './old-credential.ts';
import { longTextOf, outline } from './outline.ts';
import { ownHost, pullSecretMaker } from './pull-secret.ts';
import { fill, newStamp, placing, putBack } from './refill.ts';
import type { Secret } from './secret.ts';
import type { OnGone, WaitingRoom } from './waiting-room.ts';
import { warningOf } from './warning.ts';

/** What an admission came to, in a word for logs and metrics. */
export type AdmissionResult =
  'untouched' | 'kept' | 'refreshed' | 'bridged' | 'refused' | 'unavailable' | 'denied';

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
  /** Tells the time as well: AWS's, as this machine's clock may be wrong. */
  readonly tokens: EcrTokenProvider;
  readonly threshold: Milliseconds;
  readonly margin: Milliseconds;
  readonly configHash: string;
  readonly region: string;
  readonly registryHosts: readonly string[];
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

/** Answers reviews: the decision, the token where one is needed, and the patch. */
export function admission({ tokens, waiting, ...settings }: AdmissionOptions): Admit {
  const pullSecret = pullSecretMaker(settings.registryHosts);

  return async (review, timeout, onGone = never, bytes = 0) => {
    // Decoding has made sure that both objects are objects; what a Secret is made of is read with care.
    const request = review.request as AdmissionRequest<Secret>;
    const policy: CredentialPolicy = { ...settings, now: tokens.now(), ownHost: ownHost(tokens.peek()) };
    const decision = decide(request, policy);
    switch (decision.kind) {
      case 'untouched':
        return { review: allow(review), result: 'untouched' };
      case 'refused':
        return {
          review: deny(review, { code: 422, reason: 'Invalid', message: decision.message }),
          result: 'refused',
        };
      case 'kept': {
        const patch = putBack(request.object ?? {}, request.oldObject, decision.old);
        return { review: allow(review, { patch }), result: 'kept' };
      }
      case 'due':
        // From here on it may take a while: nothing of the review itself is kept.
        return refresh(outline(review), decision, timeout, onGone, bytes);
    }
  };

  async function refresh(
    review: AdmissionReview<Secret>,
    due: Due,
    timeout: Milliseconds,
    onGone: OnGone,
    bytes: number,
  ): Promise<Admission> {
    const { object, oldObject } = review.request;
    const texts = longTextOf(review) + (due.old?.data.length ?? 0);
    const held = Math.max(texts, Math.min(bytes, READ_BUFFER));
    let result: EcrTokenResult;
    try {
      const recent = issuedWithin(due, tokens.peek(), tokens.now());
      result = await waiting.wait(held, onGone, (limits) =>
        tokens.get({ timeout, issuedWithin: recent, ...limits }),
      );
    } catch (error) {
      if (!isEcrTokenError(error)) throw error;
      return unavailable(review, error);
    }
    const now = tokens.now();
    const choice = choose(due, result, { now, least: settings.threshold + settings.margin });
    const { kept, expiresAt, stale, isShortLived } = choice;
    const stamp = newStamp({ now, expiresAt, configHash: settings.configHash }, oldObject);
    const patch = fill(object ?? {}, kept ? placing(kept.data) : pullSecret(result.token), stamp);
    const warning = warningOf(choice);
    return {
      review: allow(review, { patch, warnings: warning === undefined ? [] : [warning] }),
      result: stale === undefined ? 'refreshed' : 'bridged',
      error: stale,
      isShortLived,
    };
  }
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
