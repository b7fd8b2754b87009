import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import {
  chooseProfiles,
  type Milliseconds,
  type Profile,
  type ProfileChoice,
  type ProfileRequest,
  type ProfileSource,
} from '@ecr-anywhere/settings';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { timeAtAws } from './time-at-aws.ts';
import { TokenPool, type ServedProfile } from './token-pool.ts';
import type { TokenSettings } from './tokens.ts';
import { watchProfiles } from './watch-profiles.ts';

export type { ServedProfile, ServedTarget } from './token-pool.ts';

/** The profiles of this process. */
export interface ServedProfiles {
  /** The profiles of a Secret, or why it has none. */
  choose(request: ProfileRequest): ProfileChoice<ServedProfile>;
  /**
   * Whether the first profile ever had a token of each of its regions: the default one, or else the first of the file.
   * Readiness depends on it, and on no other profile: one wrong role must not stop the others.
   */
  readonly hadToken: boolean;
  /** AWS's time, in milliseconds since 1970. This machine's clock may be wrong. */
  now(): number;
  close(): void;
}

/** How profiles are served. */
export interface ServeSettings extends TokenSettings {
  /** How often the file of profiles is read. */
  readonly interval: Milliseconds;
}

/**
 * Requests a first token for each profile at once, without waiting for it, and keeps the tokens fresh.
 *
 * @throws {@link SettingsError} if the file of profiles has a mistake
 */
export function serveProfiles(
  source: ProfileSource,
  { interval, ...settings }: ServeSettings,
  log: Logger,
  metrics: Metrics,
): ServedProfiles {
  const pool = new TokenPool(settings, log, metrics);
  let served: readonly ServedProfile[] = [];
  let awaited = new Set<EcrTokenProvider>();
  let hadToken = false;
  const use = (profiles: readonly Profile[]) => {
    served = pool.serve(profiles);
    awaited = new Set(served[0]?.targets.map(({ tokens }) => tokens));
  };
  let stop = () => undefined as void;
  if (source.file === undefined) use(source.read());
  else ({ stop } = watchProfiles(source.file, source, { interval, log, metrics, use }));
  return {
    choose: (request) => chooseProfiles(served, request),
    get hadToken() {
      for (const tokens of awaited) if (tokens.peek() !== undefined) awaited.delete(tokens);
      return (hadToken ||= awaited.size === 0);
    },
    now: () => timeAtAws(served.flatMap(({ targets }) => targets.map(({ tokens }) => tokens))),
    close() {
      stop();
      pool.close();
    },
  };
}
