import type { Caller } from '../authentication/authenticate.ts';
import { isAwsError, type AwsError } from '../http/aws-error.ts';
import type { Answer } from '../http/http-message.ts';
import type { Identities, Identity } from '../identities/identities.ts';
import { chainProblem, readRoleRequest } from './role-request.ts';
import { stsAnswer, type Element } from './sts-answer.ts';
import { readWebIdentity } from './web-identity.ts';

/** The trust policy of a role. Anybody may assume a role that is not listed. */
export interface Role {
  /** The caller must send it, except with a web identity. */
  readonly externalId?: string;
  /** Nobody may assume it. */
  readonly denied?: boolean;
}

/** The state that STS uses. */
export interface StsState {
  readonly identities: Identities;
  readonly roles: ReadonlyMap<string, Role>;
  /** The web identity tokens that STS accepts; any JWT by default. */
  readonly webIdentityTokens?: readonly string[] | undefined;
  /** How far AWS's clock is ahead of the emulator's, in milliseconds. */
  readonly skew: number;
}

/** The result of an operation, or its error. */
export function stsOperation(
  name: string,
  parameters: URLSearchParams,
  caller: Caller,
  state: StsState,
): Answer | AwsError {
  switch (name) {
    case 'GetCallerIdentity':
      return getCallerIdentity(caller.identity);
    case 'AssumeRole':
      return assumeRole(parameters, caller.identity, state);
    default:
      return {
        status: 400,
        code: 'InvalidAction',
        message: `Could not find operation ${name} for version 2011-06-15`,
      };
  }
}

/**
 * The only operation without a signature: the token identifies the caller.
 *
 * @param now AWS's own time, in milliseconds since 1970
 */
export function assumeRoleWithWebIdentity(
  parameters: URLSearchParams,
  state: StsState,
  now: number,
): Answer | AwsError {
  const request = readRoleRequest(parameters);
  if (isAwsError(request)) return request;
  const bearer = readWebIdentity(parameters.get('WebIdentityToken') ?? '', state.webIdentityTokens, now);
  if (isAwsError(bearer)) return bearer;
  if (state.roles.get(request.roleArn)?.denied) {
    return {
      status: 403,
      code: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    };
  }
  const session = state.identities.session(request.roleArn, request.sessionName, request.seconds * 1000);
  return stsAnswer('AssumeRoleWithWebIdentity', {
    ...sessionElements(session, state.skew),
    SubjectFromWebIdentityToken: bearer.subject,
    Audience: bearer.audience,
    Provider: bearer.issuer,
  });
}

function getCallerIdentity({ arn, userId }: Identity): Answer {
  return stsAnswer('GetCallerIdentity', { Arn: arn, UserId: userId, Account: arn.split(':')[4] });
}

function assumeRole(
  parameters: URLSearchParams,
  caller: Identity,
  { identities, roles, skew }: StsState,
): Answer | AwsError {
  const request = readRoleRequest(parameters);
  if (isAwsError(request)) return request;
  const { roleArn, sessionName, seconds } = request;
  const role = roles.get(roleArn);
  if (role?.denied || (role?.externalId !== undefined && role.externalId !== parameters.get('ExternalId'))) {
    return {
      status: 403,
      code: 'AccessDenied',
      message: `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    };
  }
  return (
    chainProblem(caller.arn, seconds) ??
    stsAnswer('AssumeRole', sessionElements(identities.session(roleArn, sessionName, seconds * 1000), skew))
  );
}

function sessionElements(
  { arn, userId, keys }: Identity,
  skew: number,
): { readonly [name: string]: Element } {
  const { accessKeyId, secretAccessKey, sessionToken = '', expiration } = keys;
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: expiration && new Date(expiration.getTime() + skew).toISOString(),
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
  };
}
