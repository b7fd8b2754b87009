import type { EcrTokenErrorCode } from './error.ts';
import type { ErrorFacts } from './facts.ts';
import type { CallContext, Service } from './service.ts';

/** What names of errors mean in all services, without the suffix `Exception`, which only some protocols of AWS add. */
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
/** What the SDK calls an answer that names no error. */
const NAMELESS = new Set(['Error', 'Unknown', 'UnknownError']);

/** The code of a failure: first by what its service says of it, then by what is common to all. */
export function classify(facts: ErrorFacts, context: CallContext): EcrTokenErrorCode {
  const { service } = context;
  // Connections come before names: the SDK also gives the name TimeoutError to a connection that was reset.
  return (
    service.codeOf?.(facts, context) ??
    fromConnection(facts, context) ??
    fromName(facts, service) ??
    fromStatus(facts, service)
  );
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

function fromName({ name, message }: ErrorFacts, service: Service): EcrTokenErrorCode | undefined {
  const awsName = name.replace(/Exception$/, '');
  if (/signature (?:expired|not yet current)/i.test(message)) return 'clock-skew';
  if (awsName === 'AccessDenied') return service.denied;
  if (THROTTLED.test(name)) return 'throttled';
  const { codes = {} } = service;
  if (Object.hasOwn(codes, awsName)) return codes[awsName];
  return Object.hasOwn(BY_NAME, awsName) ? BY_NAME[awsName] : undefined;
}

function fromStatus(facts: ErrorFacts, service: Service): EcrTokenErrorCode {
  const { code, status, message } = facts;
  if (status === 429) return 'throttled';
  if (status === 408) return 'timeout';
  if (status >= 500) return 'service';
  if (isNoAnswer(facts)) return 'bad-response';
  if (status === 403) return service.denied;
  if (status >= 400) return service.refused ?? 'invalid-settings';
  if (service.unknown !== undefined) return service.unknown;
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
