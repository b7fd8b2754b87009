import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { CallerMode } from './caller-settings.ts';

/** Tells operators what happens to the CAs, names and keys by which callers are checked. */
export interface TrustReport {
  /** They are used from now on. */
  taken(): void;
  /** They cannot be read or used. What was used before stays in use. */
  failed(problem: string): void;
  /** The last problem, if nothing could be used yet. */
  readonly unready: string | undefined;
}

/** Counts each event, and shows which one was the last. Logs a problem again only after another event. */
export function trustReport(
  mode: CallerMode,
  log: Pick<Logger, 'info' | 'error'>,
  metrics: Pick<Metrics, 'callerTrustReload' | 'callerTrustOutdated'>,
): TrustReport {
  let hasSome = false;
  let last: string | undefined = 'nothing was read yet';
  return {
    taken() {
      hasSome = true;
      last = undefined;
      metrics.callerTrustReload('ok');
      metrics.callerTrustOutdated(mode, false);
      log.info({ mode }, 'callers are checked by what was just read');
    },
    failed(problem) {
      metrics.callerTrustReload('failed');
      metrics.callerTrustOutdated(mode, true);
      if (problem === last) return;
      last = problem;
      log.error(
        { mode, problem },
        hasSome
          ? 'callers are still checked by what was read before'
          : 'callers cannot be checked yet, and are refused',
      );
    },
    get unready() {
      return hasSome ? undefined : `callers cannot be checked (mode ${mode}): ${last}`;
    },
  };
}
