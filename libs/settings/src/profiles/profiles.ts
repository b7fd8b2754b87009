import type { AwsClientOptions, IdentityPlan } from '@ecr-anywhere/ecr-token';
import { combinedHash, configHash } from '@ecr-anywhere/secret-scan';
import type { AwsSettings } from '../aws-settings.ts';
import { regionOfHost, type RegistryHost } from '../registry-hosts.ts';

// What Secrets are filled with. profile-choice.ts chooses what a Secret gets.

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
  /** The namespaces whose Secrets may use this profile: names, in which `*` stands for any characters. */
  readonly namespaces: 'all' | readonly string[];
  /** The `config_hash` of a Secret that only this profile fills. */
  readonly hash: string;
}

/** The profile that the environment makes. A Secret that names no profile gets it. */
export const DEFAULT_PROFILE = 'default';

/**
 * The profiles of an environment. If it names no region, there is none: a file of the shared AWS configuration may name
 * it, and the refresher may not have that file.
 */
export function profilesFrom(aws: AwsSettings, hosts: readonly RegistryHost[]): readonly Profile[] {
  const [home, ...others] = aws.regions;
  if (home === undefined) return [];
  return [
    makeProfile({ ...aws, name: DEFAULT_PROFILE, regions: [home, ...others], hosts, namespaces: 'all' }),
  ];
}

/** What makes a profile. */
export interface ProfileParts extends Pick<Profile, 'name' | 'namespaces'> {
  readonly identity: IdentityPlan;
  readonly client: AwsClientOptions;
  /** The home region first. */
  readonly regions: readonly [string, ...string[]];
  readonly hosts: readonly RegistryHost[];
  /** What gives the first credentials, if it is not what the environment says. A part of the hash. */
  readonly source?: string | undefined;
}

/** Makes a profile, with a target for each region. */
export function makeProfile({
  name,
  namespaces,
  identity,
  client,
  regions,
  hosts,
  source,
}: ProfileParts): Profile {
  const [home, ...others] = regions;
  // STS is called in the home region for all of them, so that a firewall has to allow one endpoint of STS, and no more.
  const shared = others.length === 0 ? identity : { ...identity, stsRegion: identity.stsRegion ?? home };
  const target = (region: string): Target => ({
    identity: shared,
    client: { ...client, region },
    hosts: hosts.filter((host) => regionOfHost(host, regions) === region).map(({ host }) => host),
  });
  const targets = [target(home), ...others.map(target)] as const;
  return { name, targets, namespaces, hash: combinedHash(targets.map((each) => hashOf(each, source))) };
}

/** The account of the token's own registry: that of the role which is assumed last. Undefined if no role is assumed. */
export function accountOf({ roles }: Pick<IdentityPlan, 'roles'>): string | undefined {
  return roles.at(-1)?.roleArn.split(':')[4];
}

/** A version that hashes otherwise makes every Secret of every installation due after its upgrade. */
function hashOf({ client, identity, hosts }: Target, source: string | undefined): string {
  const roleArns = identity.roles.map(({ roleArn }) => roleArn);
  return configHash({ region: client.region, roleArns, hosts, source });
}
