import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import { accountOf } from '@ecr-anywhere/settings';
import type { ServedProfile } from '../profiles/served-profiles.ts';
import { ownHost, type Grant } from './grant.ts';

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
