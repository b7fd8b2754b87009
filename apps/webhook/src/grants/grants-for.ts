import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { HOST_REFUSALS } from '@ecr-anywhere/settings';
import { UNNAMED_HOST, type Wanted } from '../consumers/consumer.ts';
import type { NamedHost } from '../consumers/named-host.ts';
import { profileOf, serves, type Grant } from './grant.ts';

/** What fills a Secret, or why nothing does. */
export type GrantsFor<G extends Grant> = { readonly kind: 'grants'; readonly grants: readonly G[] } | Refused;

interface Refused {
  readonly kind: 'refused';
  /** What is wrong and what to do, for the writer of the Secret. */
  readonly message: string;
}

/**
 * Chooses those grants of a Secret's profiles that fill it.
 *
 * | the Secret | what fills it |
 * | --- | --- |
 * | has an entry for each host | every grant |
 * | has one password, and names hosts | the grant that serves all of these hosts, for the first of them alone |
 * | has one password, and names no host | the only grant; refused if there are several |
 * | has one password and several profiles | refused |
 *
 * A password goes to no host that is not served: a host that only looks like a registry of ECR would receive it.
 */
export function grantsFor<G extends Grant>(wanted: Wanted, grants: readonly G[]): GrantsFor<G> {
  switch (wanted.kind) {
    case 'refused':
      return wanted;
    case 'every-host':
      return { kind: 'grants', grants };
    case 'one-password':
      return grantForOnePassword(wanted.hosts, grants);
  }
}

function grantForOnePassword<G extends Grant>(
  hosts: readonly NamedHost[],
  grants: readonly G[],
): GrantsFor<G> {
  const profiles = [...new Set(grants.map(profileOf))];
  if (profiles.length > 1) return refused(severalProfiles(profiles));
  const [first] = hosts;
  if (first === undefined) {
    const [only, ...others] = grants;
    if (only === undefined || others.length > 0) return refused(noHost(grants));
    return { kind: 'grants', grants: [{ ...only, onlyHost: UNNAMED_HOST }] };
  }
  const grant = grants.find((each) => serves(each, first.host));
  if (grant === undefined) return refused(notServed(first.from, grants));
  for (const { host, from } of hosts) {
    if (serves(grant, host)) continue;
    const isServed = grants.some((each) => serves(each, host));
    return refused(isServed ? severalRegions(first.from, from) : notServed(from, grants));
  }
  return { kind: 'grants', grants: [{ ...grant, onlyHost: first.host }] };
}

function refused(message: string): Refused {
  return { kind: 'refused', message };
}

function severalProfiles(profiles: readonly string[]): string {
  return `A Secret with one password cannot have several profiles (${someOf(profiles)}); leave only one of them in the annotation ${ANNOTATIONS.profile}`;
}

function noHost(grants: readonly Grant[]): string {
  return (
    `${HOST_REFUSALS.noHost}, because several regions are served (${regionsOf(grants)}); ` +
    `set the annotation ${ANNOTATIONS.registry} to its host, such as 111122223333.dkr.ecr.eu-west-1.amazonaws.com`
  );
}

/** The host itself is not shown: the Secret's data may hold it. */
function notServed(from: string, grants: readonly Grant[]): string {
  const listed = [...new Set(grants.flatMap(({ hosts }) => hosts))];
  return (
    `${HOST_REFUSALS.notServed} in ${from}; it serves the private ECR registries of ${regionsOf(grants)}` +
    (listed.length > 0 ? `, and ${someOf(listed)}` : '')
  );
}

function severalRegions(first: string, other: string): string {
  return `${HOST_REFUSALS.severalRegions} ${first} and in ${other} need different passwords, but this Secret has one; make a Secret for each`;
}

function regionsOf(grants: readonly Grant[]): string {
  return someOf([...new Set(grants.map(({ region }) => region))]);
}

/** An answer must not grow with the settings. */
const MOST_SHOWN = 20;

function someOf(names: readonly string[]): string {
  const more = names.length > MOST_SHOWN ? `, and ${names.length - MOST_SHOWN} more` : '';
  return names.slice(0, MOST_SHOWN).join(', ') + more;
}
