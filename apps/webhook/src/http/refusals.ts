import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { tally } from '../operations/tally.ts';

/** A request that came to no review. */
export interface Refusal {
  /** Of HTTP; 500 is a defect of ours. */
  readonly status: number;
  /** More about it, for the log. */
  readonly [field: string]: unknown;
}

/** Counts a refusal, and logs it in one line. */
export type TellRefusal = (refusal: Refusal, message: string) => void;

/** Lines at once, and how many more there may be in each second. */
const BURST = 100;
const PER_SECOND = 10;

/**
 * Logs no more refusals one by one than a person would read, and the others as counts: a node keeps so much of a log, and
 * whoever floods the webhook would push everything else out of it.
 */
export function refusals(
  log: Pick<Logger, 'warn' | 'error'>,
  metrics: Pick<Metrics, 'refusedRequest'>,
  clock: () => number = () => performance.now(),
): TellRefusal {
  const leftOut = tally(log, 'more requests were refused, without a line for each');
  let lines = BURST;
  let last = clock();
  return (refusal, message) => {
    metrics.refusedRequest(refusal.status);
    if (refusal.status === 500) return log.error(refusal, message);
    const now = clock();
    lines = Math.min(BURST, lines + ((now - last) / 1000) * PER_SECOND);
    last = now;
    if (lines < 1) return leftOut(String(refusal.status));
    lines -= 1;
    log.warn(refusal, message);
  };
}
