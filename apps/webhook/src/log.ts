import { pino, type Logger } from 'pino';

export type { Logger };

/** JSON lines on standard output. Nothing that is logged in this program comes from the content of a Secret. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Asynchronous and in small batches; `flush` runs at the end of the process.
    },
    pino.destination({ fd: 1, sync: false, minLength: 0 }),
  );
}
