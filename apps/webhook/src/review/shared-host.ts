import { sharedHost } from '@ecr-anywhere/settings';

/** The hosts that one grant of a Secret fills. */
export interface GrantHosts {
  /** `PROFILE/REGION` */
  readonly name: string;
  readonly hosts: readonly (string | undefined)[];
}

/**
 * Why the grants of a Secret cannot be in it together: two profiles have the same host. The settings of profiles tell of hosts
 * that both list. But which registry is a token's own may be known only when it has come.
 *
 * @returns a sentence for the writer of the Secret; undefined if no host is in two profiles
 */
export function sharedHostOf(grants: readonly GrantHosts[]): string | undefined {
  const owners = new Map<string, string>();
  for (const { name, hosts } of grants) {
    const [profile = ''] = name.split('/');
    for (const host of hosts) {
      if (host === undefined) continue;
      const owner = owners.get(host) ?? profile;
      if (owner !== profile) return sharedHost(host, [owner, profile]);
      owners.set(host, profile);
    }
  }
  return undefined;
}
