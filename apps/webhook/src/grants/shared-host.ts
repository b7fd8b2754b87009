import { sharedHost } from '@ecr-anywhere/settings';
import { profileOf } from './grant.ts';

/** The hosts that one grant of a Secret fills. */
export interface GrantHosts {
  /** `PROFILE/REGION` */
  readonly name: string;
  /** Undefined: the token's own registry, while it is not known. */
  readonly hosts: readonly (string | undefined)[];
}

/** Why the grants of a Secret cannot be in it together: two profiles have the same host. See `sharedHost`. */
export function sharedHostOf(grants: readonly GrantHosts[]): string | undefined {
  return sharedHost(
    grants.map((grant) => ({
      profile: profileOf(grant),
      hosts: grant.hosts.filter((host) => host !== undefined),
    })),
  );
}
