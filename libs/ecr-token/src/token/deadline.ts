import { EcrTokenError } from '../errors/error.ts';
import type { Milliseconds } from '../settings/milliseconds.ts';

/** Runs `work` for at most `limit`, even if it ignores its signal. After that, rejects with a `timeout` of `who`. */
export async function withDeadline<T>(
  limit: Milliseconds,
  work: (signal: AbortSignal) => Promise<T>,
  who = 'AWS',
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = timerFor(limit, () => {
      controller.abort();
      reject(timedOut(`${who} did not answer within ${limit / 1000} s`));
    });
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What ends the waiting of one caller. The call that others wait for goes on. */
export interface WaitLimits {
  /** Ends the waiting when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** The longest time that the caller waits. */
  readonly timeout?: Milliseconds | undefined;
}

/**
 * Waits for `shared` only until `signal` aborts or `timeout` has passed; `shared` itself goes on.
 *
 * @param late - the error once `timeout` has passed
 */
export async function waitFor<T>(
  shared: Promise<T>,
  { signal, timeout }: WaitLimits,
  late: () => EcrTokenError = outOfTime,
): Promise<T> {
  let stop: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    if (timeout !== undefined) timer = timerFor(timeout, () => reject(late()));
    if (signal === undefined) return;
    stop = () => reject(abortError(signal));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([shared, givenUp]);
  } finally {
    clearTimeout(timer);
    if (stop) signal?.removeEventListener('abort', stop);
  }
}

/** The longest time of Node's timers. They take a longer one for a millisecond. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** No timer for a time that is longer than Node's timers allow: 24 days. */
function timerFor(limit: Milliseconds, act: () => void): NodeJS.Timeout | undefined {
  return limit > LONGEST_TIMER ? undefined : setTimeout(act, limit);
}

function abortError({ reason }: AbortSignal): EcrTokenError {
  if ((reason as Error | undefined)?.name === 'TimeoutError') return outOfTime();
  return new EcrTokenError({
    code: 'aborted',
    message: 'The caller gave up waiting for a token',
    remedy: 'ask again',
  });
}

function outOfTime(): EcrTokenError {
  return timedOut('AWS has not answered in the time that the caller had');
}

function timedOut(message: string): EcrTokenError {
  return new EcrTokenError({
    code: 'timeout',
    message,
    remedy: 'check the network, HTTPS_PROXY and NO_PROXY; try again later',
  });
}
