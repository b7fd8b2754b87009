import { addAbortListener } from 'node:events';
import { formatDuration, type Milliseconds } from '@ecr-anywhere/settings';

/** How long running requests may still take after the program begins to end. */
const LAST_WORDS: Milliseconds = 5_000;

/** The two steps in which a program ends early. */
export interface StopSignals {
  /** Begin nothing more, and wait for the requests that are running. */
  readonly stop: AbortSignal;
  /** Abort the requests too. */
  readonly giveUp: AbortSignal;
}

/**
 * @param terminated - aborted by SIGTERM or SIGINT
 * @param deadline - counted from the start of the process; the program has ended by then
 */
export function stopSignals(terminated: AbortSignal, deadline: Milliseconds | undefined): StopSignals {
  const stop = new AbortController();
  const giveUp = new AbortController();
  const end = (why: string, patience: Milliseconds) => {
    if (stop.signal.aborted) return;
    stop.abort(why);
    setTimeout(() => giveUp.abort(new Error(why)), patience).unref();
  };
  addAbortListener(terminated, () => end(String(terminated.reason), LAST_WORDS));
  if (deadline !== undefined) {
    const early = Math.min(LAST_WORDS, deadline / 2);
    const why = `deadline of ${formatDuration(deadline)}`;
    const left = deadline - performance.now();
    setTimeout(() => end(why, early), left - early).unref();
    // Also if SIGTERM came shortly before the deadline.
    setTimeout(() => giveUp.abort(new Error(why)), left).unref();
  }
  return { stop: stop.signal, giveUp: giveUp.signal };
}
