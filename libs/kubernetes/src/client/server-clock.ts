import type { Milliseconds } from '../milliseconds.ts';

/** The API server's clock, known from its answers. */
export interface ServerClock {
  /** Milliseconds since 1970. Before the first answer it is the time of this machine. */
  now(): number;
  /** @param date - the `Date` header of an answer that has just arrived */
  observe(date: string | undefined): void;
}

/** Smaller differences are ignored: the header has whole seconds, and an answer takes some time. */
const RESOLUTION: Milliseconds = 5_000;

/**
 * Corrects this machine's clock with the API server's time. The clock of the Job's node may be wrong. Then fresh Secrets
 * would be due, and expired ones would be fresh.
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
