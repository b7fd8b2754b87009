import { classify } from './classify.ts';
import { EcrTokenError, isEcrTokenError } from './error.ts';
import { explain } from './explain.ts';
import { errorFacts } from './facts.ts';
import { sanitized } from './sanitize.ts';
import type { CallContext } from './service.ts';

/**
 * Turns whatever the SDK throws into an {@link EcrTokenError}. Of the original it keeps only the name, the code and,
 * if a service itself has answered, the first sentence of the message: errors of the SDK may hold whole responses.
 */
export function toEcrTokenError(error: unknown, context: CallContext): EcrTokenError {
  if (isEcrTokenError(error)) return error;
  const facts = errorFacts(error);
  const code = classify(facts, context);
  const explanation = explain(code, facts, context);
  return new EcrTokenError({ code, ...explanation, requestId: facts.requestId, cause: sanitized(error) });
}
