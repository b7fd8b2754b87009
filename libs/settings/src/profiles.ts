import type { AwsClientOptions, IdentityPlan } from '@ecr-anywhere/ecr-token';
import { combinedHash, configHash, type ObjectMeta } from '@ecr-anywhere/secret-scan';
import type { AwsSettings } from './aws-settings.ts';
import { regionOfHost, type RegistryHost } from './registry-hosts.ts';

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
  /** One for each region; that of the home region first. */
  readonly targets: readonly [Target, ...Target[]];
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
      /** In the order of their names. */
      readonly profiles: readonly [P, ...P[]];
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

/**
 * The profiles of an environment. If it names no region, there is none: a file of the shared AWS configuration may name
 * it, and the refresher may not have that file.
 */
export function profilesFrom(
  { client, identity, regions }: AwsSettings,
  hosts: readonly RegistryHost[],
): readonly Profile[] {
  const [home, ...others] = regions;
  if (home === undefined) return [];
  // STS is asked in the home region for all of them: a role has to trust one endpoint, and one region may be down.
  const shared = others.length === 0 ? identity : { ...identity, stsRegion: identity.stsRegion ?? home };
  const target = (region: string): Target => ({
    identity: shared,
    client: { ...client, region },
    hosts: hosts.filter((host) => regionOfHost(host, regions) === region).map(({ host }) => host),
  });
  const targets = [target(home), ...others.map(target)] as const;
  return [{ name: DEFAULT_PROFILE, targets, namespaces: 'all', hash: combinedHash(targets.map(hashOf)) }];
}

/** A version that hashes otherwise makes every Secret of every installation due after its upgrade. */
function hashOf({ client, identity, hosts }: Target): string {
  const roleArns = identity.roles.map(({ roleArn }) => roleArn);
  return configHash({ region: client.region, roleArns, hosts });
}
