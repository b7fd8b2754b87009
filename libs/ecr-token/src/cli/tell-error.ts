import type { EcrTokenError } from '../errors/error.ts';

/** Writes what happened and what to do, for each mistake if there are several. */
export function tellError(program: string, error: EcrTokenError, complain: (line: string) => void): void {
  for (const { message, remedy } of error.mistakes.length > 0 ? error.mistakes : [error]) {
    complain(`${program}: ${message} [${error.code}]`);
    complain(`To mend it: ${remedy}.`);
  }
}
