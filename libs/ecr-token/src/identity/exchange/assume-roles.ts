import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { EcrTokenError, isEcrTokenError } from '../../errors/error.ts';
import type { RoleStep, Sts } from '../../services/sts.ts';
import type { Obtained, RoleTaken } from './obtained.ts';
import { isSessionOf } from './is-session-of.ts';

/** The longest session, in seconds, that AWS allows if a role is assumed from another role. */
const CHAINED_DURATION = 3_600;

/** The credentials of a role, and how it was taken. */
interface Taken {
  readonly credentials: AwsCredentialIdentity;
  readonly role: RoleTaken;
}

/** Assumes roles one after the other. Skips a role that the caller already has. */
export async function assumeRoles(
  steps: readonly RoleStep[],
  source: AwsCredentialIdentity,
  sts: Sts,
): Promise<Obtained> {
  let credentials = source;
  const roles: RoleTaken[] = [];
  for (const step of steps) {
    const taken = await take(step, credentials, sts);
    credentials = taken.credentials;
    roles.push(taken.role);
  }
  return { credentials, roles };
}

async function take(step: RoleStep, source: AwsCredentialIdentity, sts: Sts): Promise<Taken> {
  const { roleArn, durationSeconds = 0 } = step;
  // Only temporary credentials can already be a session of the role, and only they have the limit above.
  const callerArn = source.sessionToken === undefined ? undefined : await callerOf(source, sts);
  const caller = callerArn === undefined ? {} : { callerArn };
  if (callerArn !== undefined && isSessionOf(callerArn, roleArn)) {
    return { credentials: source, role: { roleArn, outcome: 'already-held', ...caller } };
  }
  if (durationSeconds > CHAINED_DURATION && callerArn?.includes(':assumed-role/')) {
    throw new EcrTokenError({
      code: 'invalid-settings',
      message: `The session of ${roleArn} is to last ${durationSeconds} seconds, but the role is assumed from another role, which AWS limits to ${CHAINED_DURATION}`,
      remedy: `lower the duration where it was set, such as in AWS_ROLE_DURATION_SECONDS, to at most ${CHAINED_DURATION}, or unset it`,
    });
  }
  const credentials = await sts.assumeRole(step, source, callerArn);
  return { credentials, role: { roleArn, outcome: 'assumed', ...caller } };
}

/** IAM cannot deny this call, but the policy of a VPC endpoint can. Then the role is assumed in any case. */
async function callerOf(source: AwsCredentialIdentity, sts: Sts): Promise<string | undefined> {
  try {
    return await sts.callerArn(source);
  } catch (error) {
    if (isEcrTokenError(error) && error.code === 'role-denied') return undefined;
    throw error;
  }
}
