import type { Credentials } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { EcrTokenError } from '../errors/error.ts';

/**
 * Reads the session in an answer of STS.
 *
 * @param now - by AWS's clock
 * @throws `EcrTokenError` with `bad-response` if something is missing or the session has expired: AWS would refuse
 * calls that are signed with it, for a misleading reason.
 */
export function sessionFrom(
  credentials: Credentials | undefined,
  operation: string,
  now: number,
): AwsCredentialIdentity {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw malformed(operation, 'without complete credentials');
  }
  if (!(Expiration.getTime() > now)) throw malformed(operation, 'with credentials that have already expired');
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}

function malformed(operation: string, what: string): EcrTokenError {
  return new EcrTokenError({
    code: 'bad-response',
    message: `STS answered ${operation} ${what}`,
    remedy: "check this machine's clock, and that nothing between here and AWS rewrites answers",
  });
}
