import type { MiddlewareStack } from '@aws-sdk/types';
import type { AwsClock } from '../token/clock.ts';

/**
 * Lets `clock` hear every answer that `client` gets, refusals included. The SDK itself hears them too, but also those of
 * whoever stands in between, such as a proxy with a page of its own: only AWS gives its requests an id.
 */
export function hearAnswers<Input extends object, Output extends object>(
  { middlewareStack }: { readonly middlewareStack: MiddlewareStack<Input, Output> },
  clock: AwsClock,
): void {
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers = {} } = result.response as { headers?: Readonly<Record<string, string>> };
      // An answer with an age comes from somebody's cache.
      if ('x-amzn-requestid' in headers && !('age' in headers)) clock.hear(headers['date']);
      return result;
    },
    // Inside of what turns a refusal into an exception.
    { step: 'deserialize', priority: 'low' },
  );
}
