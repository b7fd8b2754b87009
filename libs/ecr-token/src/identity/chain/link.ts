import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { RoleTaken } from '../exchange/assume-roles.ts';
import type { ProfileContext } from '../profiles/profile-context.ts';
import type { Sts } from '../../services/sts.ts';

/** Credentials, and how they were found. */
export interface Found {
  readonly credentials: AwsCredentialIdentity;
  /** What gave them, in words for a log. */
  readonly source?: string | undefined;
  readonly roles: readonly RoleTaken[];
}

/** Nothing says that a source has credentials, so that the next one is asked. */
export interface Absent {
  readonly absent: true;
  /** What whoever misses credentials wants to know, such as that a file is not there that a variable names. */
  readonly notes: readonly string[];
}

/** What a source may use. */
export interface SourceContext extends ProfileContext {
  /** Assumes the roles that profiles name. */
  readonly service: Sts;
  readonly sessionName?: string | undefined;
}

/** One of the places where credentials may be. */
export interface CredentialSource {
  readonly kind: 'environment' | 'profile' | 'web-identity' | 'container' | 'instance';
  /** The variables that decide whose credentials it has. A token that was asked for under others is not taken for one. */
  readonly reads: readonly string[];
  /**
   * Its credentials, had anew.
   *
   * @throws `EcrTokenError` with the source's own reason where it is configured but gives none
   */
  obtain(context: SourceContext): Promise<Found | Absent>;
}

export function absent(...notes: string[]): Absent {
  return { absent: true, notes };
}
