import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '@ecr-anywhere/settings';
import { pino, type Logger } from 'pino';

export type { Logger };

/** Lines are collected for up to this time, and written together. */
const FLUSH_INTERVAL: Milliseconds = 100;
const BUFFER_LENGTH = 4_096;

/** If nobody reads standard output, further lines are dropped. */
const MAX_BUFFER_LENGTH = 1024 * 1024;

/** How long the program waits at its end until the last lines are read. */
const LAST_FLUSH: Milliseconds = 1_000;

/** A log. `close` writes the last lines: call it before the process ends. */
export interface OpenLog {
  readonly log: Logger;
  close(): Promise<void>;
}

/**
 * Logs JSON lines to standard output, in another thread. Nothing that this program logs comes from the content of a
 * Secret. If nobody reads standard output, lines are lost and the program goes on.
 */
export function openLog(level: string): OpenLog {
  const destination = pino.destination({
    fd: 1,
    sync: false,
    minLength: BUFFER_LENGTH,
    maxLength: MAX_BUFFER_LENGTH,
  });
  setInterval(() => destination.flush(), FLUSH_INTERVAL).unref();
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return {
    log: pino(options, destination),
    async close() {
      const flushed = new Promise<void>((resolve) => destination.flush(() => resolve()));
      await Promise.race([flushed, sleep(LAST_FLUSH)]);
      // Otherwise pino flushes again at the exit, and waits without a limit.
      destination.destroy();
    },
  };
}
