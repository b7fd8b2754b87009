import type { EcrTokenErrorCode } from './error.ts';
import type { ErrorFacts } from './facts.ts';
import type { CallContext, Service } from './service.ts';

/**
 * What the names of errors mean in every service. Some protocols of AWS add the suffix `Exception`, which is left out
 * here.
 */
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
  // Thrown by the SDK before it sends anything.
  EndpointError: 'invalid-settings',
};

const THROTTLED = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded/;
const TLS =
  /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_CA$|EPROTO$|HOSTNAME_MISMATCH)/;
const NETWORK = /^(?:ECONN|EAI_|ENET|EHOST|ENOTFOUND$|EPIPE$|EPROXY$|ERR_SOCKET|ERR_HTTP|HPE_|EADDR)/;
/** The names that the SDK gives to an answer that names no error. */
const NAMELESS = new Set(['Error', 'Unknown', 'UnknownError']);

/** The code of a failure. The rules of the service come before those that all services share. */
export function classify(facts: ErrorFacts, context: CallContext): EcrTokenErrorCode {
  const { service } = context;
  // Connections come before names: the SDK names a connection that was reset TimeoutError.
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

/** Whether the answer is not one of AWS: the block page or login page of a proxy, or an answer that was cut off. */
function isNoAnswer({ name, status, message }: ErrorFacts): boolean {
  if (status > 0 && (status < 400 || NAMELESS.has(name))) return true;
  return name === 'SyntaxError' || /deserializ/i.test(message);
}

function isAboutSettings(message: string): boolean {
  return /region not accepted|invalid configuration/i.test(message);
}

/** The names of all regions end in a direction and a number. A misspelt name often does not. */
function looksLikeRegion(region: string): boolean {
  return /^[a-z]{2,4}(?:-[a-z]+)*-(?:north|south|east|west|central)(?:east|west)?-\d{1,2}$/.test(region);
}
