import type { Milliseconds } from '@ecr-anywhere/settings';
import { aggregated } from './aggregated.ts';
import type { CallerCheck, CallerRoute } from './caller-check.ts';
import type { CallerChoice, CallerMode } from './caller-settings.ts';
import { createCallers, type Callers, type CallersOptions } from './callers.ts';
import { clientCertificate } from './client-certificate.ts';
import { frontProxyConfigMap } from './front-proxy-config-map.ts';
import { none } from './none.ts';
import { keyPath, path } from './path.ts';
import { trustReport } from './trust-report.ts';

export type { Callers };

/** What the checks are made of, beside their own settings. */
export interface CallerCheckOptions extends CallersOptions {
  /** The paths of the settings. */
  readonly paths: readonly string[];
  /** How often files are read again. */
  readonly interval: Milliseconds;
  /** The time by which certificates are judged. */
  readonly now: () => number;
}

/** The checks of the chosen modes, as one. The first choice is that of CALLER_MODE. */
export function chooseCallers(
  [first, ...others]: readonly [CallerChoice, ...CallerChoice[]],
  options: CallerCheckOptions,
): Callers {
  const modes = [first, ...others].map(({ mode }) => mode);
  const check = checkOf(first, modes, options);
  const checks = others.map((other) => checkOf(other, modes, options));
  const served = new Set([check, ...checks].flatMap(({ routes }) => routes.map(({ path }) => path)));
  const unserved = options.paths.filter((one) => !served.has(one)).map(ofOtherMode);
  return createCallers([{ ...check, routes: [...check.routes, ...unserved] }, ...checks], options);
}

/**
 * A path at which another mode takes reviews. It is refused like an unknown path, and counted: a stranger tries it first, and the
 * API server itself calls it if the webhook configuration does not fit to the pods.
 */
function ofOtherMode(path: string): CallerRoute {
  const refusal = { reason: 'other_mode', text: 'reviews are not taken at this path in this mode' } as const;
  return { path, serves: 'reviews', refusal: () => refusal };
}

/**
 * The ways to tell who may send reviews. To add one:
 * 1. Write `NAME.ts` in this folder, which exports a function that makes a `CallerCheck`, and `NAME.spec.ts` beside it.
 * 2. Add its mode and its settings to `caller-settings.ts`.
 * 3. Add it here.
 */
function checkOf(
  choice: CallerChoice,
  modes: readonly CallerMode[],
  { paths, interval, now, log, metrics }: CallerCheckOptions,
): CallerCheck {
  const report = trustReport(choice.mode, log, metrics);
  switch (choice.mode) {
    case 'none':
      return none(paths);
    case 'path':
      return path({ ...choice, paths, interval, report, metrics });
    case 'clientCertificate': {
      // Also where the API server calls before a change from `path`: the metric then shows whether it sends a certificate.
      const withKey = modes.includes('path') ? paths.map(keyPath) : [];
      return clientCertificate({ ...choice, paths: [...paths, ...withKey], interval, now, report });
    }
    case 'aggregated':
      return aggregated({
        api: choice.api,
        read: (signal) => frontProxyConfigMap(choice.environment, signal),
        now,
        report,
      });
  }
}
