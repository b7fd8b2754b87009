import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { STRENGTH, type CallerMode } from './caller-settings.ts';

const DAY: Milliseconds = 24 * 3_600_000;

/** The modes that are accepted beside the first one, and prove less than it. */
export function weakerModes([mode, ...others]: readonly [
  CallerMode,
  ...CallerMode[],
]): readonly CallerMode[] {
  return others.filter((other) => STRENGTH[other] < STRENGTH[mode]);
}

/**
 * Says in the log, now and each day, that a weaker mode is accepted as well: callers are checked no better than by that mode.
 * It is meant for the time of a change from one mode to another.
 *
 * @returns a function that stops it
 */
export function announceWeakerModes(
  modes: readonly [CallerMode, ...CallerMode[]],
  log: Pick<Logger, 'warn'>,
  metrics: Pick<Metrics, 'weakerCallerMode'>,
): () => void {
  const weaker = weakerModes(modes);
  for (const mode of weaker) metrics.weakerCallerMode(mode);
  if (weaker.length === 0) return () => undefined;
  const announce = () =>
    log.warn(
      { mode: modes[0], weaker },
      'reviews are also accepted in a weaker mode than CALLER_MODE; remove it from CALLER_ALSO_ACCEPT once the API server uses CALLER_MODE',
    );
  announce();
  const timer = setInterval(announce, DAY).unref();
  return () => clearInterval(timer);
}
