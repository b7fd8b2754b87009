import { setTimeout as sleep } from 'node:timers/promises';

/** So long that no busy machine needs it. Jest's timeout is longer, so that the error is seen. */
const PATIENCE = 30_000;

/** Waits until the condition holds. @throws Error that says what did not happen */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE; !(await condition()); await sleep(5))
    if (performance.now() > end) throw new Error(`After ${PATIENCE / 1_000} s still not: ${what}`);
}
