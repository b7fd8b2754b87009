import { ApiError, badRequest } from '../api-error.ts';
import { illegalBase64 } from '../go/base64.ts';
import { GoJsonError, parseGoJson } from '../go/json.ts';

/** Where a list goes on. */
export interface Continuation {
  /** The revision that is listed; -1 for whatever is there now. */
  readonly revision: number;
  /** The key to go on at. */
  readonly start: string;
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

export function continueToken({ revision, start }: Continuation): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

/** @throws ApiError 400 */
export function readContinueToken(token: string): Continuation {
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  const illegal = illegalBase64(token.replaceAll('-', '+').replaceAll('_', '/') + padding(token));
  if (illegal !== undefined) throw refuse(`illegal base64 data at input byte ${illegal}`);
  try {
    const { rv, start } = parseGoJson(Buffer.from(token, 'base64url')) as { rv?: unknown; start?: unknown };
    if (typeof rv !== 'number' || rv === 0)
      throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
    if (typeof start !== 'string' || start === '')
      throw refuse('encoded start key empty (version meta.k8s.io/v1)');
    return { revision: rv, start };
  } catch (error) {
    throw error instanceof GoJsonError ? refuse(error.message) : error;
  }
}

/** The 410 of a token that is too old, with another one to go on from at the cost of consistency. */
export function expired(token: string): ApiError {
  const { start } = readContinueToken(token);
  return new ApiError(410, 'Expired', TOO_OLD, undefined, continueToken({ revision: -1, start }));
}

function padding(token: string): string {
  return '='.repeat((4 - (token.length % 4)) % 4);
}
