/**
 * Why there is no token. The codes are stable: programs may branch on them.
 *
 * | code | meaning |
 * | --- | --- |
 * | `credentials-missing` | no AWS credentials were found anywhere |
 * | `credentials-invalid` | AWS does not accept the credentials, or the opt-in region is not enabled |
 * | `identity-rejected` | STS does not accept the web identity token |
 * | `role-denied` | the role may not be assumed |
 * | `ecr-denied` | the identity may not call `ecr:GetAuthorizationToken` |
 * | `throttled` | AWS asks to slow down |
 * | `region-unavailable` | the region does not exist, is disabled, or does not offer the service |
 * | `clock-skew` | this machine's clock is wrong |
 * | `network` | AWS could not be reached |
 * | `timeout` | AWS did not answer in time |
 * | `aborted` | the caller gave up |
 * | `service` | AWS failed (5xx) |
 * | `bad-response` | the answer was malformed, or its token had already expired |
 * | `invalid-settings` | a setting is missing or contradicts another |
 */
export type EcrTokenErrorCode =
  | 'credentials-missing'
  | 'credentials-invalid'
  | 'identity-rejected'
  | 'role-denied'
  | 'ecr-denied'
  | 'throttled'
  | 'region-unavailable'
  | 'clock-skew'
  | 'network'
  | 'timeout'
  | 'aborted'
  | 'service'
  | 'bad-response'
  | 'invalid-settings';

/** The codes of failures that usually pass by themselves. */
const TRANSIENT: ReadonlySet<EcrTokenErrorCode> = new Set([
  'throttled',
  'network',
  'timeout',
  'aborted',
  'service',
  'bad-response',
]);

/** One setting that is wrong. Both texts are sentences without a full stop. The message names the variable. */
export interface SettingsMistake {
  readonly message: string;
  readonly remedy: string;
}

/** What an {@link EcrTokenError} is made of. */
export interface EcrTokenErrorInit {
  readonly code: EcrTokenErrorCode;
  /** Whether waiting may help. The default depends on the code. */
  readonly transient?: boolean | undefined;
  /** What happened, to what: one sentence without a full stop. */
  readonly message: string;
  /** What to do about it: one sentence without a full stop. */
  readonly remedy: string;
  /** The id that AWS gave the request, for a support case. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
  /** With `invalid-settings`: all mistakes, if there are several. */
  readonly mistakes?: readonly SettingsMistake[] | undefined;
}

// A registered symbol is the same in the ESM and in the CommonJS copy of this file.
const BRAND = Symbol.for('@ecr-anywhere/ecr-token/EcrTokenError');

/**
 * There is no token. `message` says what happened and `remedy` what to do. They and `cause` never contain a password, a
 * key or a token.
 *
 * Recognise it with {@link isEcrTokenError}: `instanceof` fails in a program that has loaded an ESM and a CommonJS
 * copy.
 */
export class EcrTokenError extends Error {
  override readonly name = 'EcrTokenError';
  readonly code: EcrTokenErrorCode;
  /** Whether waiting may help; otherwise somebody has to change something. */
  readonly transient: boolean;
  readonly remedy: string;
  readonly requestId?: string;
  /** With `invalid-settings`: every mistake that was found. Otherwise empty. */
  readonly mistakes: readonly SettingsMistake[];

  constructor({ code, transient, message, remedy, requestId, cause, mistakes }: EcrTokenErrorInit) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.transient = transient ?? TRANSIENT.has(code);
    this.remedy = remedy;
    if (requestId !== undefined) this.requestId = requestId;
    this.mistakes = mistakes ?? (code === 'invalid-settings' ? [{ message, remedy }] : []);
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether a caught value is an {@link EcrTokenError} of any copy of this library. */
export function isEcrTokenError(value: unknown): value is EcrTokenError {
  return typeof value === 'object' && value !== null && BRAND in value;
}
