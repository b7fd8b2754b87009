import { parseRegistry } from '@ecr-anywhere/ecr-token';
import { annotation, ANNOTATIONS, combinedHash, type ObjectMeta } from '@ecr-anywhere/secret-scan';
import { matchesAny } from './namespace-patterns.ts';
import { accountOf, DEFAULT_PROFILE, type Profile, type Target } from './profiles.ts';
import { HOST_REFUSALS, PROFILE_REFUSALS } from './refusals.ts';

// Which Secret gets which profiles. Both programs choose by the same function, so that the webhook writes the hash that the
// refresher expects.

/** What decides which profiles a Secret gets. */
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
  | ProfileRefusal;

/** A Secret gets no profile. */
export interface ProfileRefusal {
  readonly kind: 'refused';
  /** What is wrong and what to do, for the writer of the Secret. It names only profiles that the namespace may use. */
  readonly message: string;
}

/** Credentials in one Secret: one for each region of each of its profiles. `expires_at_each` names them all within 4 KiB. */
export const MOST_CREDENTIALS = 30;

/** Hosts in a Secret of several profiles: a Secret has room for a megabyte, and each host takes some kilobytes. */
const MOST_HOSTS = 100;

/** Characters of the name of a profile. */
const LONGEST_NAME = 40;

const NAME = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;

/** Whether a profile may have this name: it stands in annotations, logs and metrics. */
export function isProfileName(text: string): boolean {
  return text.length <= LONGEST_NAME && NAME.test(text);
}

/**
 * Chooses the profiles of a Secret: those that its annotation names, or else the default one. The namespace must be allowed
 * to use all of them. Profiles may hold more than {@link Profile} says, such as their tokens; the choice holds the same
 * objects.
 */
export function chooseProfiles<P extends Profile>(
  profiles: readonly P[],
  { metadata, namespace }: ProfileRequest,
): ProfileChoice<P> {
  const refuse = (mistake: string) =>
    refused(
      mistake,
      profiles.filter((profile) => mayUse(profile, namespace ?? '')),
    );
  const isNamed = annotation(metadata, 'profile') !== undefined;
  const names = profileNames(metadata);
  if (names === undefined) return refuse(`The annotation ${ANNOTATIONS.profile} ${MALFORMED}`);
  const chosen: P[] = [];
  for (const name of names) {
    const profile = profiles.find((each) => each.name === name);
    if (!profile || !mayUse(profile, namespace ?? '')) return refuse(notAllowed(name, isNamed));
    chosen.push(profile);
  }
  const [first, ...others] = chosen as [P, ...P[]];
  const message = contradiction(chosen);
  if (message !== undefined) return { kind: 'refused', message };
  return { kind: 'chosen', profiles: [first, ...others], hash: combinedHash(chosen.map(({ hash }) => hash)) };
}

/** The hash that Secrets of `profiles` carry; undefined if there is no profile for the Secret. */
export function expectedHash(profiles: readonly Profile[], request: ProfileRequest): string | undefined {
  const choice = chooseProfiles(profiles, request);
  return choice.kind === 'chosen' ? choice.hash : undefined;
}

/** What a profile has credentials for: hosts, or other names that two profiles have in common if their hosts clash. */
export interface HostOwner {
  /** The name of the profile. */
  readonly profile: string;
  readonly hosts: readonly string[];
}

/**
 * Why two profiles cannot fill one Secret together: both have credentials for the same host. Which registry is a token's own may
 * be known only when the token has come. So the webhook asks again then.
 *
 * @returns a sentence for the writer of the Secret; undefined if no host is in two profiles
 */
export function sharedHost(owners: readonly HostOwner[]): string | undefined {
  const ownerOf = new Map<string, string>();
  for (const { profile, hosts } of owners)
    for (const host of hosts) {
      const owner = ownerOf.get(host) ?? profile;
      if (owner !== profile) return roomForOne(host, owner, profile);
      ownerOf.set(host, profile);
    }
  return undefined;
}

function roomForOne(host: string, one: string, other: string): string {
  return (
    `${HOST_REFUSALS.sharedHost} ${one} and ${other} of ECR Anywhere both have credentials for ${host}, and a Secret has room for one; ` +
    `leave one of them out of the annotation ${ANNOTATIONS.profile}`
  );
}

/**
 * The names of the profiles that a Secret asks for, sorted, each once: those in its annotation, or else the default one.
 *
 * @returns undefined if the annotation is not a list of names
 */
export function profileNames(metadata: ObjectMeta | null | undefined): readonly string[] | undefined {
  const text = annotation(metadata, 'profile');
  if (text === undefined) return [DEFAULT_PROFILE];
  if (text.length > MOST_CREDENTIALS * (LONGEST_NAME + 2)) return undefined;
  const names = text.split(',').map((name) => name.trim());
  return names.every(isProfileName) ? [...new Set(names)].sort() : undefined;
}

const MALFORMED =
  'is not a list of names of profiles, separated by commas, such as team-a: a name has lower-case letters, digits and "-"';

function mayUse({ namespaces }: Profile, namespace: string): boolean {
  return namespaces === 'all' || matchesAny(namespaces, namespace);
}

/** A profile that the namespace may not use, and one that does not exist, have the same message. */
function notAllowed(name: string, isNamed: boolean): string {
  return isNamed
    ? `${PROFILE_REFUSALS.notAllowed} ${name} of ECR Anywhere, or there is none of this name`
    : `${PROFILE_REFUSALS.noDefault}, and this namespace has no default one`;
}

/** Names in a refusal. */
const MOST_SHOWN = 20;

function refused(mistake: string, allowed: readonly Profile[]): ProfileRefusal {
  const names = allowed.map(({ name }) => name);
  const more = names.length > MOST_SHOWN ? `, and ${names.length - MOST_SHOWN} more` : '';
  const remedy =
    names.length === 0
      ? 'it may use none: ask the administrator of ECR Anywhere to add it to the namespaces of a profile'
      : `set ${ANNOTATIONS.profile} to one that it may use: ${names.slice(0, MOST_SHOWN).join(', ')}${more}`;
  return { kind: 'refused', message: `${mistake}; ${remedy}` };
}

/** Why some profiles cannot fill one Secret together, as far as it is known before there are tokens. */
function contradiction(profiles: readonly Profile[]): string | undefined {
  if (profiles.length === 1) return undefined;
  const targets = profiles.flatMap((profile) => profile.targets);
  const hosts = targets.reduce((sum, each) => sum + 1 + each.hosts.length, 0);
  if (targets.length > MOST_CREDENTIALS) return tooMany(`${targets.length} regions`, MOST_CREDENTIALS);
  if (hosts > MOST_HOSTS) return tooMany(`${hosts} registry hosts`, MOST_HOSTS);
  return sharedHost(
    profiles.map(({ name, targets: own }) => ({ profile: name, hosts: own.flatMap(registriesOf) })),
  );
}

function tooMany(count: string, most: number): string {
  return (
    `${PROFILE_REFUSALS.tooMany} ${count} together, and a Secret has room for ${most}; ` +
    `name fewer profiles in the annotation ${ANNOTATIONS.profile}`
  );
}

/** What a target has credentials for. Without a role, its own registry is known only after the first token. */
function registriesOf({ identity, client, hosts }: Target): readonly string[] {
  const account = accountOf(identity);
  const own = account === undefined ? [] : [registryOf(account, client.region)];
  return [...own, ...hosts.map(nameOf)];
}

/** The host; for a private registry of ECR a name that is the same whether the settings list it or a role says its account. */
function nameOf(host: string): string {
  const registry = parseRegistry(host);
  const isPlain = registry?.account !== undefined && !registry.fips && !registry.dualStack;
  return isPlain ? registryOf(registry.account, registry.region) : host;
}

function registryOf(account: string, region: string): string {
  return `the registry of the account ${account} in ${region}`;
}
