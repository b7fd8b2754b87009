import { EcrTokenError, isEcrTokenError, type EcrTokenErrorCode } from './error.ts';
import { errorFacts, type ErrorFacts } from './facts.ts';
import { explain } from './explain.ts';
import { couldNotFetchKeys } from '../services/issuer-keys.ts';
import { sanitized } from './sanitize.ts';

/** What was being done when an error came. */
export interface CallContext {
  readonly service: 'ecr' | 'sts' | 'credentials';
  /** Who was asked, where `service` does not say it well. */
  readonly party?: string | undefined;
  /** Such as `GetAuthorizationToken`. */
  readonly operation: string;
  readonly region?: string | undefined;
  /** The role that was to be assumed. */
  readonly roleArn?: string | undefined;
  /** Who tried to, where that is known. */
  readonly callerArn?: string | undefined;
}

/**
 * Turns whatever the SDK throws into an {@link EcrTokenError}. Nothing of the original goes along but its name, its code
 * and, where it is a service's own error, the first sentence of its message: SDK errors may hold whole responses.
 */
export function toEcrTokenError(error: unknown, context: CallContext): EcrTokenError {
  if (isEcrTokenError(error)) return error;
  const facts = errorFacts(error);
  const code = classify(facts, context);
  const explanation = explain(code, facts, context);
  return new EcrTokenError({ code, ...explanation, requestId: facts.requestId, cause: sanitized(error) });
}

/** AWS's own codes, with and without the suffix that only some of its protocols add. */
const BY_NAME: Readonly<Record<string, EcrTokenErrorCode>> = {
  UnrecognizedClient: 'credentials-invalid',
  InvalidClientTokenId: 'credentials-invalid',
  InvalidAccessKeyId: 'credentials-invalid',
  InvalidSignature: 'credentials-invalid',
  SignatureDoesNotMatch: 'credentials-invalid',
  IncompleteSignature: 'credentials-invalid',
  MissingAuthenticationToken: 'credentials-invalid',
  AuthFailure: 'credentials-invalid',
  ExpiredToken: 'credentials-invalid',
  InvalidIdentityToken: 'identity-rejected',
  IDPRejectedClaim: 'identity-rejected',
  IDPCommunicationError: 'service',
  RegionDisabled: 'region-unavailable',
  OptInRequired: 'region-unavailable',
  RequestTimeTooSkewed: 'clock-skew',
  RequestExpired: 'clock-skew',
  RequestInTheFuture: 'clock-skew',
  RequestTimeout: 'timeout',
  // The SDK's own, thrown before anything is sent.
  EndpointError: 'invalid-settings',
};

const THROTTLED = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded/;
const TLS =
  /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_CA$|EPROTO$|HOSTNAME_MISMATCH)/;
const NETWORK = /^(?:ECONN|EAI_|ENET|EHOST|ENOTFOUND$|EPIPE$|EPROXY$|ERR_SOCKET|ERR_HTTP|HPE_|EADDR)/;
/** The errors of the SDK's credential providers, which tell causes apart by their wording alone. */
const PROVIDER_ERRORS = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError']);
/** What the SDK calls an answer that names no error. */
const NAMELESS = new Set(['Error', 'Unknown', 'UnknownError']);

function classify(facts: ErrorFacts, context: CallContext): EcrTokenErrorCode {
  if (context.service === 'credentials' && PROVIDER_ERRORS.has(facts.name)) return fromProvider(facts);
  // Connections come first: the SDK also gives the name TimeoutError to a connection that was reset.
  return fromConnection(facts, context) ?? fromName(facts, context) ?? fromStatus(facts, context);
}

function fromProvider({ message }: ErrorFacts): EcrTokenErrorCode {
  if (/\b(?:ECONN[A-Z]+|ENOTFOUND|EAI_AGAIN|EPIPE|ENETUNREACH|EHOSTUNREACH|EPROXY)\b/.test(message))
    return 'network';
  return /\bTimeoutError\b|\bETIMEDOUT\b/.test(message) ? 'timeout' : 'credentials-missing';
}

function fromConnection(
  { name, code, fromService, proxy }: ErrorFacts,
  { region }: CallContext,
): EcrTokenErrorCode | undefined {
  if (fromService) return undefined;
  if (code === 'ENOTFOUND' && proxy === undefined)
    return region === undefined || looksLikeRegion(region) ? 'network' : 'region-unavailable';
  if (NETWORK.test(code) || TLS.test(code)) return 'network';
  if (name === 'TimeoutError' || code === 'ETIMEDOUT') return 'timeout';
  return name === 'AbortError' ? 'aborted' : undefined;
}

function fromName(
  { name, message }: ErrorFacts,
  { service, operation }: CallContext,
): EcrTokenErrorCode | undefined {
  const awsCode = name.replace(/Exception$/, '');
  if (/signature (?:expired|not yet current)/i.test(message)) return 'clock-skew';
  if (couldNotFetchKeys(awsCode, message)) return 'service';
  if (awsCode === 'AccessDenied') return service === 'ecr' ? 'ecr-denied' : 'role-denied';
  if (awsCode === 'ExpiredToken' && operation === 'AssumeRoleWithWebIdentity') return 'identity-rejected';
  if (THROTTLED.test(name)) return 'throttled';
  return Object.hasOwn(BY_NAME, awsCode) ? BY_NAME[awsCode] : undefined;
}

function fromStatus(facts: ErrorFacts, { service }: CallContext): EcrTokenErrorCode {
  const { code, status, message } = facts;
  if (status === 429) return 'throttled';
  if (status === 408) return 'timeout';
  if (status >= 500) return 'service';
  if (isNoAnswer(facts)) return 'bad-response';
  if (status === 403) return service === 'ecr' ? 'ecr-denied' : 'role-denied';
  if (status >= 400) return 'invalid-settings';
  if (service === 'credentials') return 'credentials-missing';
  return code === 'ERR_INVALID_URL' || isAboutSettings(message) ? 'invalid-settings' : 'service';
}

/** An answer that is none of AWS's, of whatever status: a proxy's block page, a login page, something cut short. */
function isNoAnswer({ name, status, message }: ErrorFacts): boolean {
  if (status > 0 && (status < 400 || NAMELESS.has(name))) return true;
  return name === 'SyntaxError' || /deserializ/i.test(message);
}

function isAboutSettings(message: string): boolean {
  return /region is missing|region not accepted|invalid configuration/i.test(message);
}

/** All regions there are end in a direction and a number; a misspelt one often does not. */
function looksLikeRegion(region: string): boolean {
  return /^[a-z]{2,4}(?:-[a-z]+)*-(?:north|south|east|west|central)(?:east|west)?-\d{1,2}$/.test(region);
}
