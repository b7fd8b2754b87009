import { parseRegistry, type EcrToken, type IdentityPlan } from '@ecr-anywhere/ecr-token';

/**
 * What a Secret gets from one identity in one region: an entry for the token's own registry, and one for each further host.
 * A Secret of several regions or profiles has several grants, and each is judged alone.
 */
export interface Grant {
  /** `PROFILE/REGION` */
  readonly name: string;
  readonly region: string;
  /** Registry hosts that get the token, beside the token's own. */
  readonly hosts: readonly string[];
  /** The token's own registry; undefined before the first token. */
  readonly ownHost: string | undefined;
  /** The account of the token's own registry, if it is known before the first token. */
  readonly account: string | undefined;
}

/** The token's own registry, as a bare host. */
export function ownHost(token: Pick<EcrToken, 'proxyEndpoint'> | undefined): string | undefined {
  return token?.proxyEndpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** The hosts that the token of a grant opens, the token's own registry first. */
export function hostsOf(
  { hosts }: Pick<Grant, 'hosts'>,
  token: Pick<EcrToken, 'proxyEndpoint'>,
): readonly string[] {
  const own = ownHost(token);
  return own === undefined ? hosts : [own, ...hosts.filter((host) => host !== own)];
}

/** Whether a host can be the token's own registry. */
export function isOwnHost(host: string, { ownHost: own, region, account }: Grant): boolean {
  if (own !== undefined) return host === own;
  const registry = parseRegistry(host);
  if (registry?.public !== false || registry.region !== region) return false;
  return account === undefined || registry.account === account;
}

/** The account of the token's own registry: that of the role which is assumed last. Undefined if no role is assumed. */
export function accountOf({ roles }: Pick<IdentityPlan, 'roles'>): string | undefined {
  return roles.at(-1)?.roleArn.split(':')[4];
}
