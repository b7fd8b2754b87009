import { EcrTokenError, isEcrTokenError, type EcrTokenErrorCode } from '../errors.ts';
import { sanitized } from './sanitized-cause.ts';

/** What was being done when an error came. */
export interface CallContext {
  readonly service: 'ecr' | 'sts' | 'credentials';
  /** Such as `GetAuthorizationToken`. */
  readonly operation: string;
  readonly region?: string | undefined;
  /** The role that was to be assumed. */
  readonly roleArn?: string | undefined;
  /** Who tried to, where that is known. */
  readonly callerArn?: string | undefined;
}

/** The fields that errors of the SDK and of Node's network stack may have. */
interface Facts {
  readonly name: string;
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly message: string;
}

/**
 * Turns whatever the SDK throws into an {@link EcrTokenError}. Nothing of the original goes along but its name, its code
 * and, where it is a service's own error, the first sentence of its message: SDK errors may hold whole responses.
 */
export function toEcrTokenError(error: unknown, context: CallContext): EcrTokenError {
  if (isEcrTokenError(error)) return error;
  const facts = factsOf(error);
  const code = classify(facts, context);
  const { message, remedy } = explain(code, facts, context);
  return new EcrTokenError({ code, message, remedy, requestId: facts.requestId, cause: sanitized(error) });
}

const BY_NAME: Readonly<Record<string, EcrTokenErrorCode>> = {
  CredentialsProviderError: 'credentials-missing',
  TokenProviderError: 'credentials-missing',
  UnrecognizedClientException: 'credentials-invalid',
  InvalidClientTokenId: 'credentials-invalid',
  InvalidSignatureException: 'credentials-invalid',
  SignatureDoesNotMatch: 'credentials-invalid',
  IncompleteSignature: 'credentials-invalid',
  MissingAuthenticationTokenException: 'credentials-invalid',
  ExpiredTokenException: 'credentials-invalid',
  ExpiredToken: 'credentials-invalid',
  InvalidIdentityToken: 'identity-rejected',
  InvalidIdentityTokenException: 'identity-rejected',
  IDPRejectedClaim: 'identity-rejected',
  IDPRejectedClaimException: 'identity-rejected',
  IDPCommunicationError: 'service',
  IDPCommunicationErrorException: 'service',
  RegionDisabledException: 'region-unavailable',
  RequestTimeTooSkewed: 'clock-skew',
  RequestExpired: 'clock-skew',
  RequestInTheFuture: 'clock-skew',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  ThrottledException: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  SlowDown: 'throttled',
  TimeoutError: 'timeout',
  RequestTimeout: 'timeout',
  AbortError: 'aborted',
  SyntaxError: 'bad-response',
};

const NETWORK =
  /^(?:ECONN|EAI_|ENOTFOUND$|ENET|EHOST|EPIPE$|EPROTO$|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SOCKET|ERR_HTTP)/;

function classify(facts: Facts, { service }: CallContext): EcrTokenErrorCode {
  const { name, code, status, message } = facts;
  if (/signature (?:expired|not yet current)/i.test(message)) return 'clock-skew';
  if (/^AccessDenied/.test(name)) return service === 'ecr' ? 'ecr-denied' : 'role-denied';
  if (service === 'sts' && name.startsWith('ExpiredToken') && /web identity|token .*expired/i.test(message)) {
    return 'identity-rejected';
  }
  const known = BY_NAME[name];
  if (known !== undefined) return known;
  if (code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT') return 'timeout';
  if (NETWORK.test(code)) return 'network';
  if (status === 429) return 'throttled';
  if (status === 403) return service === 'ecr' ? 'ecr-denied' : 'role-denied';
  if (status >= 500) return 'service';
  if (/region is missing/i.test(message)) return 'invalid-settings';
  if (/deserializ/i.test(message) || status === 200) return 'bad-response';
  return status >= 400 ? 'invalid-settings' : 'service';
}

function explain(
  code: EcrTokenErrorCode,
  { code: nodeCode, name, status }: Facts,
  { service, operation, region, roleArn, callerArn }: CallContext,
): { message: string; remedy: string } {
  const where = region === undefined ? '' : ` in ${region}`;
  const who = callerArn === undefined ? 'the credentials at hand' : callerArn;
  const party =
    service === 'ecr' ? `ECR${where}` : service === 'sts' ? `STS${where}` : 'The source of credentials';
  switch (code) {
    case 'credentials-missing':
      return {
        message: 'No AWS credentials were found',
        remedy:
          'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a web identity or another source that the AWS SDK knows',
      };
    case 'credentials-invalid':
      return {
        message: `${party} does not accept the credentials (${name})`,
        remedy: `check the access key and its secret, and that they have not expired; where they are right, ${region ?? 'the region'} may be an opt-in region that the account has not enabled`,
      };
    case 'identity-rejected':
      return {
        message: `STS does not accept the web identity token for ${roleArn ?? 'the role'} (${name})`,
        remedy:
          "check that the token is fresh, that IAM knows its issuer, and that the role's trust policy allows its subject and audience",
      };
    case 'role-denied':
      return {
        message: `The role ${roleArn ?? ''} may not be assumed by ${who}`.replace('role  ', 'role '),
        remedy:
          "allow sts:AssumeRole to the caller, and the caller (and the external ID, where one is asked for) in the role's trust policy; unset AWS_ROLE_ARN, or set ECR_TOKEN_ASSUME_ROLE=sdk-default, if the role was never meant to be assumed",
      };
    case 'ecr-denied':
      return {
        message: `ECR${where} denies ecr:GetAuthorizationToken`,
        remedy:
          'allow ecr:GetAuthorizationToken on Resource "*" (it takes no narrower one) in a policy of the identity',
      };
    case 'throttled':
      return { message: `${party} asks to slow down`, remedy: 'wait; it is tried again by itself' };
    case 'region-unavailable':
      return {
        message: `The region ${region ?? ''} cannot be used (${name})`,
        remedy: 'check AWS_REGION, and that the account has enabled the region',
      };
    case 'clock-skew':
      return {
        message: `${party} says that this machine's clock is wrong`,
        remedy: 'set the clock, for example with NTP',
      };
    case 'network':
      return network(party, nodeCode, region);
    case 'timeout':
      return {
        message: `${party} did not answer ${operation} in time`,
        remedy: 'check the network, HTTPS_PROXY and NO_PROXY; it is tried again by itself',
      };
    case 'aborted':
      return { message: `${operation} was given up`, remedy: 'ask again' };
    case 'bad-response':
      return {
        message: `${party} answered ${operation} with something that is no answer`,
        remedy: 'check that nothing between here and AWS rewrites answers, such as a proxy with a login page',
      };
    case 'invalid-settings':
      return status >= 400
        ? {
            message: `${party} does not accept the request ${operation} (${name})`,
            remedy: 'check the settings that go into it: role, duration, external ID, session name',
          }
        : {
            message: 'No AWS region is set',
            remedy: 'set AWS_REGION to the region in the names of the images',
          };
    case 'service':
      return {
        message: `${party} failed to answer ${operation} (${name}${status ? `, ${status}` : ''})`,
        remedy: 'wait; it is tried again by itself',
      };
  }
}

function network(
  party: string,
  code: string,
  region: string | undefined,
): { message: string; remedy: string } {
  if (code === 'ENOTFOUND') {
    return {
      message: `The host name of ${party} does not resolve (${code})`,
      remedy: `check DNS, and that ${region ?? 'the region'} is the name of a region`,
    };
  }
  const tls = /CERT|SELF_SIGNED|UNABLE_TO|TLS|SSL/.test(code);
  return {
    message: `${party} could not be reached (${code})`,
    remedy: tls
      ? 'check AWS_CA_BUNDLE: whoever answers does not show a certificate that it trusts (a proxy that opens TLS needs its own CA there)'
      : 'check the network, HTTPS_PROXY and NO_PROXY',
  };
}

function factsOf(error: unknown): Facts {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    errors?: unknown;
    cause?: unknown;
    $metadata?: { httpStatusCode?: unknown; requestId?: unknown };
  };
  const { $metadata, cause } = fields;
  // Happy eyeballs reports one error for each address that was tried; the SDK may wrap a socket's error.
  const inner = Array.isArray(fields.errors)
    ? (fields.errors[0] as typeof fields)
    : (cause as typeof fields | undefined);
  const code = [fields.code, inner?.code].find((value) => typeof value === 'string') ?? '';
  return {
    name: typeof fields.name === 'string' ? fields.name : 'Error',
    code,
    status: typeof $metadata?.httpStatusCode === 'number' ? $metadata.httpStatusCode : 0,
    requestId: typeof $metadata?.requestId === 'string' ? $metadata.requestId : undefined,
    message: typeof fields.message === 'string' ? fields.message : '',
  };
}
