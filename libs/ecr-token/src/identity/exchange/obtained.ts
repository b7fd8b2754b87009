import type { AwsCredentialIdentity } from '@aws-sdk/types';

/** A role on the way to an identity. */
export interface RoleTaken {
  readonly roleArn: string;
  /** `already-held` if it was not assumed, because the caller is a session of it. */
  readonly outcome: 'assumed' | 'already-held';
  /** Who assumes or holds it, if AWS was asked. */
  readonly callerArn?: string | undefined;
}

/** Credentials, and the roles that were taken to get them. */
export interface Obtained {
  readonly credentials: AwsCredentialIdentity;
  readonly roles: readonly RoleTaken[];
}
