import { ApiError, badRequest } from '../objects/api-error.ts';

/** Where a list continues. */
export interface Continuation {
  /** The revision that is listed; -1 for the current one. */
  readonly revision: number;
  /** The key to continue at. */
  readonly start: string;
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results.';

/** In the form of Kubernetes: the fault proxy gives these tokens to clients of a real API server, too. */
export function continueToken({ revision, start }: Continuation): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

/** @throws ApiError 400 */
export function readContinueToken(token: string): Continuation {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<string, unknown>;
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, start };
  } catch {
    // It is not JSON.
  }
  throw badRequest('invalid continue token');
}

/** The 410 for a token that is too old. It has another token, which continues the list at the current revision. */
export function expired(token: string): ApiError {
  const { start } = readContinueToken(token);
  return new ApiError(410, 'Expired', TOO_OLD, undefined, continueToken({ revision: -1, start }));
}
