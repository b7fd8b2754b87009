import type { MiddlewareStack } from '@aws-sdk/types';
import type { AwsClock } from '../token/clock.ts';

/**
 * Sets `clock` by every answer that `client` gets, including errors. The SDK does the same, but also by the answers of
 * a proxy in between. Only AWS sends a request id.
 */
export function hearAnswers<Input extends object, Output extends object>(
  { middlewareStack }: { readonly middlewareStack: MiddlewareStack<Input, Output> },
  clock: AwsClock,
): void {
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers = {} } = result.response as { headers?: Readonly<Record<string, string>> };
      // An answer with an age comes from a cache.
      if ('x-amzn-requestid' in headers && !('age' in headers)) clock.hear(headers['date']);
      return result;
    },
    // Runs before the SDK turns an error response into an exception.
    { step: 'deserialize', priority: 'low' },
  );
}
