import type { Caller } from './authenticate.ts';
import { isAwsError, type AwsError } from './aws-error.ts';
import type { Answer } from './http-message.ts';
import type { Identities, Identity } from './identities.ts';
import { chainProblem, readRoleRequest } from './role-request.ts';
import { stsAnswer, type Element } from './sts-answer.ts';
import { readWebIdentity } from './web-identity.ts';

/** What a role demands of those who assume it. Roles that are not listed may be assumed by anybody. */
export interface Role {
  /** Has to be named by who assumes it (not with a web identity). */
  readonly externalId?: string;
  /** Nobody may assume it. */
  readonly denied?: boolean;
}

/** What STS works on. */
export interface StsState {
  readonly identities: Identities;
  readonly roles: ReadonlyMap<string, Role>;
  /** The web identity tokens that are accepted; any JWT without a list. */
  readonly webIdentityTokens?: readonly string[] | undefined;
  /** How far AWS's clock is ahead of the emulator's, in milliseconds. */
  readonly skew: number;
}

/** An answer to AWS, or the error it is to be answered with. */
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
 * The one operation that is not signed: the token says who calls.
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
