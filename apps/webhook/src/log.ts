import { pino, type Logger } from 'pino';

export type { Logger };

/** Lines are written together, at the latest after this time. */
const FLUSH_INTERVAL = 100;
const BUFFER = 4_096;

/**
 * JSON lines on standard output. Nothing that is logged in this program comes from the content of a Secret.
 * Writing is left to another thread, and `flush` has to be called before the process ends.
 */
export function createLog(level: string): Logger {
  const destination = pino.destination({ fd: 1, sync: false, minLength: BUFFER });
  setInterval(() => destination.flush(), FLUSH_INTERVAL).unref();
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination);
}
