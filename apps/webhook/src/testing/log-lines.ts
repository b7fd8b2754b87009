import { pino } from 'pino';
import type { Logger } from '../operations/log.ts';

/** A log that keeps its lines. */
export function logLines(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return { lines, log: pino({ base: null }, { write: (line: string) => void lines.push(line) }) };
}
