import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Polls until `condition` holds. By default, for so long that no busy machine needs it; Jest's timeout is longer, so that the error is
 * seen.
 *
 * @returns what the condition gave
 * @throws Error that says what did not happen, with the last error of the condition as its cause
 */
export async function eventually<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { within = 30_000, every = 20 }: { within?: number; every?: number } = {},
): Promise<T> {
  const end = performance.now() + within;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`After ${within} ms still not: ${what}`, { cause: last });
    }
    await sleep(every);
  }
}
