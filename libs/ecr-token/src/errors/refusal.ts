import { EcrTokenError, type EcrTokenErrorCode } from './error.ts';

/** A source of credentials is configured and gives none. */
export function refusal(
  code: EcrTokenErrorCode,
  message: string,
  remedy: string,
  transient?: boolean,
): EcrTokenError {
  return new EcrTokenError({ code, message, remedy, transient });
}
