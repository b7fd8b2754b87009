import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Logger } from './log.ts';

const PERIOD: Milliseconds = 10_000;

/**
 * Counts events that may happen thousands of times a second, by a word for each, and logs the counts of a period
 * together.
 */
export function tally(
  log: Pick<Logger, 'warn'>,
  message: string,
  period: Milliseconds = PERIOD,
): (word: string) => void {
  let counts: Record<string, number> | undefined;
  const logCounts = () => {
    log.warn({ counts }, message);
    counts = undefined;
  };
  return (word) => {
    if (counts === undefined) {
      counts = {};
      setTimeout(logCounts, period).unref();
    }
    counts[word] = (counts[word] ?? 0) + 1;
  };
}
