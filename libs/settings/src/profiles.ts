import type { AwsClientOptions, IdentityPlan } from '@ecr-anywhere/ecr-token';
import { configHash, type ObjectMeta } from '@ecr-anywhere/secret-scan';
import type { AwsSettings } from './aws-settings.ts';

// What Secrets are filled with, and which Secret gets what. Both programs choose by the same function, so that the webhook
// writes the hash that the refresher expects.

/** An identity in a region: what one token is requested for, and the registries that it opens. */
export interface Target {
  readonly identity: IdentityPlan;
  readonly client: AwsClientOptions & { readonly region: string };
  /** Registry hosts that get the token, beside the token's own. */
  readonly hosts: readonly string[];
}

/** What a Secret can be filled with, under a name. */
export interface Profile {
  readonly name: string;
  /** There is one target today. Several regions will be several targets. */
  readonly targets: readonly [Target];
  /** The namespaces whose Secrets may use this profile. */
  readonly namespaces: 'all';
  /** The `config_hash` of a Secret that only this profile fills. */
  readonly hash: string;
}

/** What decides which profile a Secret gets. */
export interface ProfileRequest {
  readonly metadata: ObjectMeta | null | undefined;
  readonly namespace: string | null | undefined;
}

/** The profiles of a Secret, or why it has none. */
export type ProfileChoice<P extends Profile = Profile> =
  | {
      readonly kind: 'chosen';
      readonly profiles: readonly [P];
      /** The `config_hash` of a Secret that is filled by these profiles. */
      readonly hash: string;
    }
  | {
      readonly kind: 'refused';
      /** What is wrong and what to do, for the writer of the Secret. */
      readonly message: string;
    };

/** The profile that the environment makes. Every Secret gets it. */
const DEFAULT_PROFILE = 'default';

/**
 * Chooses the profiles of a Secret. Profiles may hold more than {@link Profile} says, such as their tokens; the choice
 * holds the same objects.
 */
export function chooseProfiles<P extends Profile>(
  profiles: readonly P[],
  { namespace }: ProfileRequest,
): ProfileChoice<P> {
  const profile = profiles.find(({ name, namespaces }) => name === DEFAULT_PROFILE && namespaces === 'all');
  if (profile !== undefined) return { kind: 'chosen', profiles: [profile], hash: profile.hash };
  return {
    kind: 'refused',
    message:
      `No profile of ECR Anywhere serves Secrets of the namespace ${namespace ?? ''}; ` +
      'an administrator has to give the webhook an AWS region',
  };
}

/** The hash that Secrets of `profiles` carry; undefined if there is no profile for the Secret. */
export function expectedHash(profiles: readonly Profile[], request: ProfileRequest): string | undefined {
  const choice = chooseProfiles(profiles, request);
  return choice.kind === 'chosen' ? choice.hash : undefined;
}

/** The default profile of an environment that names a region. */
export function defaultProfile(target: Target): Profile {
  return { name: DEFAULT_PROFILE, targets: [target], namespaces: 'all', hash: hashOf(target) };
}

/**
 * The profiles of an environment. If it names no region, there is none: a file of the shared AWS configuration may name
 * it, and the refresher may not have that file.
 */
export function profilesFrom(
  { client, identity }: AwsSettings,
  hosts: readonly string[],
): readonly Profile[] {
  const { region } = client;
  return region === undefined ? [] : [defaultProfile({ identity, client: { ...client, region }, hosts })];
}

/** A version that hashes otherwise makes every Secret of every installation due after its upgrade. */
function hashOf({ client, identity, hosts }: Target): string {
  const roleArns = identity.roles.map(({ roleArn }) => roleArn);
  return configHash({ region: client.region, roleArns, hosts });
}
