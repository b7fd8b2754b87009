import { setTimeout as sleep } from 'node:timers/promises';

/** Retries until the condition holds, for at most 30 seconds. @returns the result */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const until = Date.now() + 30_000;
  for (;;) {
    const result = await attempt();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > until) throw new Error(`not in 30 seconds: ${what}`);
    await sleep(10);
  }
}
