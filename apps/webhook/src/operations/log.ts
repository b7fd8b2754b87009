import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../milliseconds.ts';
import { pino, type Logger } from 'pino';

export type { Logger };

/** Lines are written together, at the latest after this time. */
const FLUSH_INTERVAL: Milliseconds = 100;
const BUFFER = 4_096;

/** Of lines that nobody takes; further ones are dropped. */
const LONGEST_BUFFER = 1024 * 1024;

/** How long the end of the program waits for somebody to take the last lines. */
const LAST_FLUSH: Milliseconds = 1_000;

/** A log, and what has to be called before the process ends. */
export interface OpenLog {
  readonly log: Logger;
  close(): Promise<void>;
}

/**
 * JSON lines on standard output, which another thread writes. Nothing that is logged in this program comes from the content
 * of a Secret. Where nobody reads standard output any more, lines are lost and everything else goes on.
 */
export function openLog(level: string): OpenLog {
  const destination = pino.destination({
    fd: 1,
    sync: false,
    minLength: BUFFER,
    maxLength: LONGEST_BUFFER,
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
      const flushed = new Promise<void>((done) => destination.flush(() => done()));
      await Promise.race([flushed, sleep(LAST_FLUSH)]);
      // Otherwise pino would try again at the exit, and wait for as long as it takes.
      destination.destroy();
    },
  };
}
