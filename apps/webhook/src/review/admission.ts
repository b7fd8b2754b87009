import { allow, type AdmissionRequest, type AdmissionReview } from '@ecr-anywhere/admission';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Logins, WriteOptions } from '../consumers/consumer.ts';
import { lengthOf, type Secret } from '../consumers/secret.ts';
import { READ_BUFFER } from '../http/connection.ts';
import type { ServedProfiles } from '../profiles/served-profiles.ts';
import { newAnnotations } from './annotations.ts';
import { failed, filled, refused, unavailable, type Answer } from './answer.ts';
import type { ChosenGrant } from '../grants/choice.ts';
import { credentialWriter } from './credential-writer.ts';
import { fill } from './fill.ts';
import { endOf, obtain } from '../grants/obtain.ts';
import { hostsOf } from '../grants/grant.ts';
import { outlineOf, type ReviewOutline } from './outline.ts';
import { decideWithProfiles, type Filling, type ProfiledDecision } from './decide-with-profiles.ts';
import { sharedHostOf, type GrantHosts } from '../grants/shared-host.ts';
import type { OnGone, WaitingRoom } from '../grants/waiting-room.ts';
import type { WriteRules } from './write-rules.ts';

/** What is held of a review from its decision to its answer. Of the review itself only the outline is left. */
export interface DecidedReview {
  readonly decision: ProfiledDecision['decision'] | { readonly kind: 'failed'; readonly defect: unknown };
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
        const { data, annotations, warnings } = decision;
        const patch = fill(outline.request.object ?? {}, { data }, annotations);
        return { review: allow(outline, { patch, warnings }), result: 'kept' };
      }
      case 'due':
        return refresh(outline, decision, limits);
      case 'failed':
        throw decision.defect;
    }
  }

  async function refresh(
    outline: ReviewOutline,
    { grants, consumer, rest, isMarked, configHash, warnings }: Filling,
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
    if (conflict !== undefined) return refused(outline, { message: conflict });
    const ends = new Map(chosen.grants.map(({ grant, choice }) => [grant.name, endOf(choice)]));
    const annotations = newAnnotations({ now: chosen.now, ends, configHash }, oldObject);
    const patch = fill(object ?? {}, write(chosen.grants, consumer, rest), annotations);
    return filled(outline, { patch, warnings }, chosen);
  }
}

function lengthOfLogins(logins: Logins | undefined): number {
  return [...(logins?.values() ?? [])].reduce((sum, { password }) => sum + password.length, 0);
}

/** The hosts that a Secret gets for a grant. Those of a missing grant may be another's: nobody knows its own registry. */
function filledHosts({ grant, choice }: ChosenGrant): GrantHosts {
  switch (choice.kind) {
    case 'token':
      return { name: grant.name, hosts: hostsOf(grant, choice.token) };
    case 'old':
      return { name: grant.name, hosts: [...choice.old.logins.keys()] };
    case 'missing':
      return { name: grant.name, hosts: grant.hosts };
  }
}
