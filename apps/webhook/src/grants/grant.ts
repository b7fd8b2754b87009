import { parseRegistry, registryMismatch, type EcrToken } from '@ecr-anywhere/ecr-token';

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
  /**
   * The one host that gets the token, where a Secret has room for one password. It is one that the grant {@link serves}, or
   * `UNNAMED_HOST`.
   */
  readonly onlyHost?: string | undefined;
}

/** The token's own registry, as a bare host. */
export function ownHost(token: Pick<EcrToken, 'proxyEndpoint'> | undefined): string | undefined {
  return token?.proxyEndpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** The hosts that a Secret gets the token of a grant for, the token's own registry first. */
export function hostsOf(
  { hosts, onlyHost }: Pick<Grant, 'hosts' | 'onlyHost'>,
  token: Pick<EcrToken, 'proxyEndpoint'>,
): readonly string[] {
  if (onlyHost !== undefined) return [onlyHost];
  const own = ownHost(token);
  return own === undefined ? hosts : [own, ...hosts.filter((host) => host !== own)];
}

/** Whether a host can be the token's own registry. */
export function isOwnHost(host: string, { ownHost: own, region, account }: Grant): boolean {
  if (own !== undefined) return host === own;
  return isRegistryIn(region, host) && (account === undefined || parseRegistry(host)?.account === account);
}

/**
 * Whether a host may get the token of a grant: it is listed, or it is a private registry of ECR in the grant's region, of any
 * account. Whether the identity may reach that account is for AWS to say.
 */
export function serves({ hosts, region }: Pick<Grant, 'hosts' | 'region'>, host: string): boolean {
  if (hosts.includes(host)) return true;
  return isRegistryIn(region, host);
}

/** Whether a host is a private registry of ECR in this region, with the domain of the region's partition. */
function isRegistryIn(region: string, host: string): boolean {
  return parseRegistry(host)?.public === false && registryMismatch(host, region) === undefined;
}

/** The name of the profile that a grant belongs to. */
export function profileOf({ name }: Pick<Grant, 'name'>): string {
  return name.slice(0, name.lastIndexOf('/'));
}
