import { randomUUID } from 'node:crypto';
import type { AwsError } from './aws-error.ts';
import type { Answer } from './http-message.ts';
import type { Identities, Identity } from './identities.ts';

// AWS STS, in its protocol: form-encoded requests ("query"), answers in XML.

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const HOUR = 3_600;

/** What a role demands of those who assume it. Roles that are not listed may be assumed by anybody. */
export interface Role {
  readonly externalId?: string;
  /** Nobody may assume it. */
  readonly denied?: boolean;
}

export type Roles = ReadonlyMap<string, Role>;

export function getCallerIdentity({ arn, userId }: Identity, account: string): Answer {
  return answer(
    'GetCallerIdentity',
    `<Arn>${xml(arn)}</Arn><UserId>${xml(userId)}</UserId><Account>${account}</Account>`,
  );
}

export function assumeRole(
  parameters: URLSearchParams,
  caller: Identity,
  identities: Identities,
  roles: Roles,
): Answer | AwsError {
  const roleArn = parameters.get('RoleArn') ?? '';
  const role = roles.get(roleArn);
  if (role?.denied || (role?.externalId !== undefined && role.externalId !== parameters.get('ExternalId'))) {
    return {
      status: 403,
      code: 'AccessDenied',
      message: `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    };
  }
  const isChained = caller.arn.includes(':assumed-role/');
  const duration = durationOf(parameters);
  if (isChained && duration > HOUR) {
    return {
      status: 400,
      code: 'ValidationError',
      message:
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    };
  }
  return session('AssumeRole', parameters, duration, identities);
}

export function assumeRoleWithWebIdentity(
  parameters: URLSearchParams,
  identities: Identities,
  roles: Roles,
  now: number,
): Answer | AwsError {
  const problem = webIdentityProblem(parameters.get('WebIdentityToken') ?? '', now);
  if (problem !== undefined) return problem;
  if (roles.get(parameters.get('RoleArn') ?? '')?.denied) {
    return {
      status: 403,
      code: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    };
  }
  return session('AssumeRoleWithWebIdentity', parameters, durationOf(parameters), identities);
}

export function stsError({ status, code, message }: AwsError): Answer {
  const requestId = randomUUID();
  const type = status >= 500 ? 'Receiver' : 'Sender';
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${code}</Code>` +
      `<Message>${xml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}

function session(
  operation: string,
  parameters: URLSearchParams,
  seconds: number,
  identities: Identities,
): Answer {
  const { arn, userId, keys } = identities.session(
    parameters.get('RoleArn') ?? '',
    parameters.get('RoleSessionName') ?? '',
    seconds * 1000,
  );
  return answer(
    operation,
    `<AssumedRoleUser><AssumedRoleId>${xml(userId)}</AssumedRoleId><Arn>${xml(arn)}</Arn></AssumedRoleUser>` +
      `<Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId>` +
      `<SecretAccessKey>${xml(keys.secretAccessKey)}</SecretAccessKey>` +
      `<SessionToken>${xml(keys.sessionToken ?? '')}</SessionToken>` +
      `<Expiration>${keys.expiration?.toISOString()}</Expiration></Credentials>`,
  );
}

function answer(operation: string, result: string): Answer {
  const requestId = randomUUID();
  return {
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<${operation}Response xmlns="${NAMESPACE}"><${operation}Result>${result}</${operation}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
  };
}

function durationOf(parameters: URLSearchParams): number {
  return Number(parameters.get('DurationSeconds') ?? HOUR);
}

function webIdentityProblem(token: string, now: number): AwsError | undefined {
  const invalid = (message: string): AwsError => ({ status: 400, code: 'InvalidIdentityToken', message });
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined)
    return invalid('The ID Token provided is not a valid JWT.');
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: number };
    if (exp === undefined || exp * 1000 > now) return undefined;
  } catch {
    return invalid('The ID Token provided is not a valid JWT.');
  }
  return {
    status: 400,
    code: 'ExpiredTokenException',
    message: 'Token expired: the web identity token has expired',
  };
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
