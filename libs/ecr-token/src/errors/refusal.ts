import { EcrTokenError, type EcrTokenErrorCode } from './error.ts';

/** A short form of `new EcrTokenError`. */
export function refusal(
  code: EcrTokenErrorCode,
  message: string,
  remedy: string,
  transient?: boolean,
): EcrTokenError {
  return new EcrTokenError({ code, message, remedy, transient });
}
