import type { AdmissionRequest } from '@ecr-anywhere/admission';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Secret } from '../consumers/secret.ts';
import type { ServedProfiles } from '../profiles/served-profiles.ts';
import { timeAtAws } from '../profiles/time-at-aws.ts';
import { decide, decideEarly, type Decision, type Due } from './decision.ts';
import { grantsOf, type ServedGrant } from '../grants/served-grant.ts';
import { sharedHostOf } from '../grants/shared-host.ts';
import type { WriteRules } from './write-rules.ts';

/** What a due Secret is filled with. */
export interface Filling extends Due<ServedGrant> {
  readonly configHash: string;
}

/** A decision, and the names of the profiles that it was made with. */
export interface ProfiledDecision {
  readonly decision: Exclude<Decision, Due> | Filling;
  readonly profiles: readonly string[];
}

/** What a decision depends on, beside the request and AWS. */
export interface DecisionRules {
  readonly profiles: Pick<ServedProfiles, 'choose'>;
  readonly threshold: Milliseconds;
  readonly rules: WriteRules;
}

/** Chooses the profiles of a Secret, and decides with what they have. See `decision.ts`. */
export function decideWithProfiles(
  request: AdmissionRequest<Secret>,
  { profiles, threshold, rules }: DecisionRules,
): ProfiledDecision {
  const { object, namespace } = request;
  const choice = profiles.choose({ metadata: object?.metadata, namespace });
  if (choice.kind === 'refused') return withoutProfile(request, choice.message, rules);
  const grants = choice.profiles.flatMap(grantsOf);
  const conflict = sharedHostOf(
    grants.map(({ name, ownHost, hosts }) => ({ name, hosts: [ownHost, ...hosts] })),
  );
  if (conflict !== undefined) return withoutProfile(request, conflict, rules);
  const configHash = choice.hash;
  const now = timeAtAws(grants.map(({ tokens }) => tokens));
  const decision = decide(request, { now, threshold, configHash, grants }, rules);
  return {
    decision: decision.kind === 'due' ? { ...decision, configHash } : decision,
    profiles: choice.profiles.map(({ name }) => name),
  };
}

/** A Secret without a profile is refused before anything else about it is checked. Other writes are left untouched all the same. */
function withoutProfile(
  request: AdmissionRequest<Secret>,
  message: string,
  rules: WriteRules,
): ProfiledDecision {
  return { decision: decideEarly(request, rules) ?? { kind: 'refused', message }, profiles: [] };
}
