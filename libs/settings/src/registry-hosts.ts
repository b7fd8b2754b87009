import { parseRegistry, registryMismatch } from '@ecr-anywhere/ecr-token';

/** A registry host that gets a token, beside the token's own registry. */
export interface RegistryHost {
  readonly host: string;
  /** The region whose token it gets; undefined if the setting does not say it. */
  readonly region?: string | undefined;
}

/**
 * The region whose token a host gets: the one that the setting names, or else the one in the name of an ECR registry, or
 * else the home region.
 *
 * @param regions - the home region first
 */
export function regionOfHost({ host, region }: RegistryHost, [home]: readonly string[]): string | undefined {
  if (region !== undefined) return region;
  const registry = parseRegistry(host);
  return registry?.public === false ? registry.region : home;
}

/**
 * Says why a host gets no token that opens it: it is ECR Public, or a registry of a region or partition that is not served.
 *
 * @param regions - empty if they are unknown
 * @returns a sentence without a full stop; undefined if nothing is known to be wrong
 */
function hostMismatch(given: RegistryHost, regions: readonly string[]): string | undefined {
  const { host } = given;
  const region = regionOfHost(given, regions);
  const isServed = region === undefined || regions.length === 0 || regions.includes(region);
  if (isServed) return registryMismatch(host, regions.length === 0 ? given.region : region);
  if (given.region !== undefined)
    return `${host}=${given.region} names a region that is not served, which are ${regions.join(', ')}`;
  return regions.length === 1
    ? registryMismatch(host, regions[0])
    : `${host} is a registry of ${region}, which is none of the regions ${regions.join(', ')}`;
}

/**
 * What is wrong with a list of registry hosts: those that no token of the regions opens, and a host that is there for two
 * regions, since a Docker config has one entry for it.
 *
 * @param remedy - what to do about a host that no token opens
 * @returns a sentence without a full stop for each host, with what to do
 */
export function wrongHosts(
  hosts: readonly RegistryHost[],
  regions: readonly string[],
  remedy: string,
): readonly string[] {
  return hosts.flatMap((each) => {
    const mismatch = hostMismatch(each, regions);
    if (mismatch !== undefined) return [`${mismatch}; ${remedy}`];
    const both = sameHostElsewhere(each, hosts, regions);
    return both === undefined ? [] : [`${each.host} is there for ${both}; keep one of them`];
  });
}

/**
 * The regions of a host that is in the list for two of them.
 *
 * @returns such as `eu-west-1 and us-east-1`, for the first of the two; otherwise undefined
 */
function sameHostElsewhere(
  given: RegistryHost,
  hosts: readonly RegistryHost[],
  regions: readonly string[],
): string | undefined {
  const [region, index] = [regionOfHost(given, regions), hosts.indexOf(given)];
  const other = hosts
    .slice(index + 1)
    .find((each) => each.host === given.host && regionOfHost(each, regions) !== region);
  return other && `${region ?? ''} and ${regionOfHost(other, regions) ?? ''}`;
}
