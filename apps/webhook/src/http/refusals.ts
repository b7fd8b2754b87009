import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { tally } from '../operations/tally.ts';

/** A request that was refused before it became a review. */
export interface Refusal {
  /** The HTTP status; 500 is a defect of the webhook. */
  readonly status: number;
  /** More fields for the log. */
  readonly [field: string]: unknown;
}

/** Counts a refusal, and logs it in one line. */
export type ReportRefusal = (refusal: Refusal, message: string) => void;

/** How many lines may come at once, and how many more in each second. */
const BURST = 100;
const PER_SECOND = 10;

/**
 * Logs refusals one by one as long as a person could read them, and counts the others. A node keeps a limited amount of a
 * log, so whoever floods the webhook would push all other lines out of it.
 */
export function refusalReporter(
  log: Pick<Logger, 'warn' | 'error'>,
  metrics: Pick<Metrics, 'refusedRequest'>,
  clock: () => number = () => performance.now(),
): ReportRefusal {
  const countWithoutLine = tally(log, 'more requests were refused; they are only counted');
  let lines = BURST;
  let last = clock();
  return (refusal, message) => {
    metrics.refusedRequest(refusal.status);
    if (refusal.status === 500) return log.error(refusal, message);
    const now = clock();
    lines = Math.min(BURST, lines + ((now - last) / 1000) * PER_SECOND);
    last = now;
    if (lines < 1) return countWithoutLine(String(refusal.status));
    lines -= 1;
    log.warn(refusal, message);
  };
}
