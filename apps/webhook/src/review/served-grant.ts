import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import type { ServedProfile } from '../profiles/served-profiles.ts';
import { accountOf, ownHost, type Grant } from './grant.ts';

/** A grant, and where its tokens come from. */
export interface ServedGrant extends Grant {
  readonly tokens: EcrTokenProvider;
}

/** The grants of a Secret that gets this profile: one for each region. */
export function grantsOf({ name, targets }: ServedProfile): readonly ServedGrant[] {
  return targets.map(({ client: { region }, hosts, identity, tokens }) => ({
    name: `${name}/${region}`,
    region,
    hosts,
    ownHost: ownHost(tokens.peek()),
    account: accountOf(identity),
    tokens,
  }));
}

/** The time at AWS, in milliseconds since 1970, as told by a provider that AWS has answered, if there is one. */
export function timeAtAws(grants: readonly ServedGrant[]): number {
  const told = grants.find(({ tokens }) => tokens.peek() !== undefined) ?? grants[0];
  if (told === undefined) throw new Error('A profile has at least one region');
  return told.tokens.now();
}
