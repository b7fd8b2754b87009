import type { STSClient } from '@aws-sdk/client-sts';

/**
 * Tells what time it is by the last answer that `client` had, and by this machine's clock where an answer does not say.
 * The SDK itself compares clocks only where it signs, which calls with a web identity are not.
 */
export function timeOfAws(client: STSClient): () => number {
  let date: unknown;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.['date'];
      return result;
    },
    { step: 'deserialize', priority: 'high' },
  );
  return () => {
    const time = Date.parse(String(date));
    return Number.isNaN(time) ? Date.now() : time;
  };
}
