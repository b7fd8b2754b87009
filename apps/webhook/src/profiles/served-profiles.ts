import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import {
  chooseProfiles,
  type Profile,
  type ProfileChoice,
  type ProfileRequest,
  type Target,
} from '@ecr-anywhere/settings';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import { createTokens, type TokenSettings } from './tokens.ts';

/** A target with its tokens. */
export interface ServedTarget extends Target {
  readonly tokens: EcrTokenProvider;
}

/** A profile with the tokens of its targets. */
export interface ServedProfile extends Profile {
  readonly targets: readonly [ServedTarget, ...ServedTarget[]];
}

/** The profiles of this process. */
export interface ServedProfiles {
  /** The profiles of a Secret, or why it has none. */
  choose(request: ProfileRequest): ProfileChoice<ServedProfile>;
  /**
   * Whether the first profile ever had a token of each of its regions. Readiness depends on it, and on no other profile: one
   * wrong role must not stop the others.
   */
  readonly hadToken: boolean;
  /** AWS's time, in milliseconds since 1970. This machine's clock may be wrong. */
  now(): number;
  close(): void;
}

/** Requests a first token for each profile at once, without waiting for it, and keeps the tokens fresh. */
export function serveProfiles(
  [first, ...others]: readonly [Profile, ...Profile[]],
  settings: TokenSettings,
  log: Logger,
  metrics: Metrics,
): ServedProfiles {
  const serve = (profile: Profile): ServedProfile => {
    const serveTarget = (target: Target): ServedTarget => ({
      ...target,
      tokens: createTokens(target, settings, log, metrics.tokens(profile.name, target.client.region)),
    });
    const [home, ...elsewhere] = profile.targets;
    return { ...profile, targets: [serveTarget(home), ...elsewhere.map(serveTarget)] };
  };
  const served: readonly [ServedProfile, ...ServedProfile[]] = [serve(first), ...others.map(serve)];
  const all = served.flatMap(({ targets }) => targets.map(({ tokens }) => tokens));
  // The provider logs a failure, and tries again by itself.
  for (const tokens of all) tokens.get().catch(() => undefined);
  const awaited = new Set(served[0].targets.map(({ tokens }) => tokens));
  return {
    choose: (request) => chooseProfiles(served, request),
    get hadToken() {
      for (const tokens of awaited) if (tokens.peek() !== undefined) awaited.delete(tokens);
      return awaited.size === 0;
    },
    now: () => served[0].targets[0].tokens.now(),
    close() {
      for (const tokens of all) tokens.close();
    },
  };
}
