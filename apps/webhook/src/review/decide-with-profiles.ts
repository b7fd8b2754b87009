import type { AdmissionRequest } from '@ecr-anywhere/admission';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Secret } from '../consumers/secret.ts';
import type { ServedProfile, ServedProfiles, ServedTarget } from '../profiles/served-profiles.ts';
import { decide, type Decision, type Due } from './decision.ts';
import { timeAtAws, type GrantToFill } from './filling.ts';
import { accountOf, ownHost, type Grant } from './grant.ts';
import { sharedHostOf } from './shared-host.ts';
import type { WriteRules } from './write-rules.ts';

/** A Secret that is due, and what fills it. */
export interface DueWithTokens extends Omit<Due, 'grants'> {
  readonly grants: readonly [GrantToFill, ...GrantToFill[]];
  readonly configHash: string;
}

/** A decision, with what fills a Secret that is due. */
export type FilledDecision = Exclude<Decision, Due> | DueWithTokens;

/** A decision, and the names of the profiles that it was made with; none if the Secret may not have its profiles. */
export interface DecisionWithProfiles {
  readonly decision: FilledDecision;
  readonly profiles: readonly string[];
}

/** What is decided by. */
export interface DecisionOptions {
  readonly profiles: Pick<ServedProfiles, 'choose'>;
  readonly threshold: Milliseconds;
  readonly rules: WriteRules;
}

/** Chooses the profiles of a Secret, and decides about the request. */
export function decideWithProfiles(
  request: AdmissionRequest<Secret>,
  options: DecisionOptions,
): DecisionWithProfiles {
  const { profiles, threshold, rules } = options;
  const choice = profiles.choose({ metadata: request.object?.metadata, namespace: request.namespace });
  if (choice.kind === 'refused') return withoutProfile(request, choice.message, options);
  const grants = choice.profiles.flatMap(grantsOf);
  const conflict = sharedHostOf(
    grants.map(({ name, ownHost: own, hosts }) => ({ name, hosts: [own, ...hosts] })),
  );
  if (conflict !== undefined) return withoutProfile(request, conflict, options);
  const names = choice.profiles.map(({ name }) => name);
  const providers = new Map(grants.map(({ name, target }) => [name, target.tokens]));
  const now = timeAtAws([...providers.values()]);
  const decision = decide(request, { now, threshold, configHash: choice.hash, grants }, rules);
  if (decision.kind !== 'due') return { decision, profiles: names };
  const [first, ...others] = decision.grants.map((due) => ({
    ...due,
    tokens: providers.get(due.grant.name)!,
  }));
  return {
    decision: { ...decision, grants: [first!, ...others], configHash: choice.hash },
    profiles: names,
  };
}

/**
 * The profiles come before everything that is about the Secret. They do not come before what the refresher's service account
 * may not write, and not before writes that are not for ECR Anywhere to change.
 */
function withoutProfile(
  request: AdmissionRequest<Secret>,
  message: string,
  { threshold, rules }: DecisionOptions,
): DecisionWithProfiles {
  const decision = decide(request, { now: 0, threshold, configHash: '', grants: [] }, rules);
  const isDecided =
    decision.kind === 'untouched' || (decision.kind === 'refused' && decision.isForbidden === true);
  return { decision: isDecided ? decision : { kind: 'refused', message }, profiles: [] };
}

/** A grant, and the target that its tokens come from. */
interface ServedGrant extends Grant {
  readonly target: ServedTarget;
}

/** The grants of a Secret that gets this profile. */
function grantsOf({ name, targets }: ServedProfile): readonly ServedGrant[] {
  return targets.map((target) => ({
    name: `${name}/${target.client.region}`,
    region: target.client.region,
    hosts: target.hosts,
    ownHost: ownHost(target.tokens.peek()),
    account: accountOf(target.identity),
    target,
  }));
}
