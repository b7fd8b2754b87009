import type { Milliseconds } from '../milliseconds.ts';
import type { Logger } from './log.ts';

const PERIOD: Milliseconds = 10_000;

/** Counts what may happen thousands of times a second, by a word for each, and logs the counts together. */
export function tally(
  log: Pick<Logger, 'warn'>,
  message: string,
  period: Milliseconds = PERIOD,
): (word: string) => void {
  let counts: Record<string, number> | undefined;
  const tell = () => {
    log.warn({ counts }, message);
    counts = undefined;
  };
  return (word) => {
    if (counts === undefined) {
      counts = {};
      setTimeout(tell, period).unref();
    }
    counts[word] = (counts[word] ?? 0) + 1;
  };
}
