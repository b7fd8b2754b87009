import type { IdentityContext } from '../exchange/context.ts';
import type { Obtained } from '../exchange/obtained.ts';

/** Credentials, and what gave them. */
export interface Found extends Obtained {
  /** In words for a log. */
  readonly source?: string | undefined;
}

/** Nothing says that a link has credentials, so the next one is asked. */
export interface Absent {
  readonly absent: true;
  /** What somebody who misses credentials wants to know, such as that a variable names a file that is not there. */
  readonly notes: readonly string[];
}

/** What a link may use. */
export interface ChainContext extends IdentityContext {
  /** For roles that name no session themselves. */
  readonly sessionName?: string | undefined;
}

/** One of the places where the AWS SDK looks for credentials. */
export interface ChainLink {
  /**
   * The variables that select the identity. A cached token is reused only if they have not changed.
   */
  readonly reads: readonly string[];
  /**
   * Gets new credentials.
   *
   * @throws `EcrTokenError` with the link's own reason if it is configured but gives none
   */
  obtain(context: ChainContext): Promise<Found | Absent>;
}

export function absent(...notes: string[]): Absent {
  return { absent: true, notes };
}
