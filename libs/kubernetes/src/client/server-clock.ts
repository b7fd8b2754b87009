import type { Milliseconds } from '@ecr-anywhere/secret-scan';

/** The API server's clock, as far as its answers tell. */
export interface ServerClock {
  /** Milliseconds since 1970; by this machine's clock before the first answer. */
  now(): number;
  /** @param date - the `Date` header of an answer that has just come */
  observe(date: string | undefined): void;
}

/** The header has whole seconds, and an answer takes some time to come: a difference below this is none. */
const RESOLUTION: Milliseconds = 5_000;

/**
 * Corrects this machine's clock by what the API server says. The node that a Job lands on may have a wrong clock, by which
 * fresh Secrets would be due, and expired ones fresh.
 */
export function serverClock(local: () => number): ServerClock {
  let offset: Milliseconds = 0;
  return {
    now: () => local() + offset,
    observe(date) {
      const difference = Date.parse(date ?? '') - local();
      if (!Number.isNaN(difference)) offset = Math.abs(difference) < RESOLUTION ? 0 : difference;
    },
  };
}
