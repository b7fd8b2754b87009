import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import type { Profile, Target } from '@ecr-anywhere/settings';
import type { Logger } from '../operations/log.ts';
import type { AllTokenMetrics, TokenMetrics, TokenUsers } from '../operations/token-metrics.ts';
import { createTokens, type TokenSettings } from './tokens.ts';

/** A target with its tokens. */
export interface ServedTarget extends Target {
  readonly tokens: EcrTokenProvider;
}

/** A profile with the tokens of its targets. */
export interface ServedProfile extends Profile {
  readonly targets: readonly [ServedTarget, ...ServedTarget[]];
}

interface SharedTokens {
  readonly tokens: EcrTokenProvider;
  readonly metrics: TokenMetrics;
  readonly users: { profiles: readonly string[]; readonly region: string };
}

/** The tokens of all profiles, kept by identity and region: profiles that have both in common share one token. */
export class TokenPool {
  #shared: ReadonlyMap<string, SharedTokens> = new Map();
  /** PROFILE/REGION */
  #series: ReadonlySet<string> = new Set();
  readonly #settings: TokenSettings;
  readonly #log: Logger;
  readonly #metrics: AllTokenMetrics;

  constructor(settings: TokenSettings, log: Logger, metrics: AllTokenMetrics) {
    this.#settings = settings;
    this.#log = log;
    this.#metrics = metrics;
  }

  /**
   * Gives the targets of profiles their tokens, and requests those that are new, without waiting for them. A token that no
   * profile uses any more is not renewed: reviews that have it already may still use it.
   */
  serve(profiles: readonly Profile[]): readonly ServedProfile[] {
    const before = this.#shared;
    const shared = new Map<string, SharedTokens>();
    for (const [key, { target, names }] of usersOf(profiles)) {
      const tokens = before.get(key);
      if (tokens) tokens.users.profiles = names;
      shared.set(key, tokens ?? this.#create(target, names));
    }
    this.#shared = shared;
    for (const [key, gone] of before) if (!shared.has(key)) stop(gone);
    this.#correctSeries();
    const serve = (target: Target): ServedTarget => {
      const tokens = shared.get(keyOf(target))?.tokens;
      if (tokens === undefined) throw new Error('Each target of a profile has tokens');
      return { ...target, tokens };
    };
    return profiles.map((profile) => {
      const [home, ...others] = profile.targets;
      return { ...profile, targets: [serve(home), ...others.map(serve)] };
    });
  }

  close(): void {
    for (const { tokens } of this.#shared.values()) tokens.close();
  }

  #create(target: Target, profiles: readonly string[]): SharedTokens {
    const users = { profiles, region: target.client.region };
    const metrics = this.#metrics.tokens(users);
    const tokens = createTokens(target, this.#settings, { log: this.#log, metrics, users });
    // The provider logs a failure, and tries again by itself.
    tokens.get().catch(() => undefined);
    return { tokens, metrics, users };
  }

  /** A profile that came, went or has another identity gets its own series, and keeps none of before. */
  #correctSeries(): void {
    const now = [...this.#shared.values()];
    const kept = new Set(now.flatMap(({ users }) => seriesOf(users)));
    for (const series of this.#series)
      if (!kept.has(series)) this.#metrics.removeTokens(...(series.split('/') as [string, string]));
    this.#series = kept;
    for (const { metrics, tokens } of now) metrics.expiry(tokens.peek()?.expiresAt.getTime() ?? 0);
  }
}

/** A call that is under way still ends, and a review may still ask. Neither must bring series of the profiles back. */
function stop({ tokens, users }: SharedTokens): void {
  tokens.close();
  users.profiles = [];
}

function seriesOf({ profiles, region }: TokenUsers): readonly string[] {
  return profiles.map((profile) => `${profile}/${region}`);
}

/** One target for each token, and the names of all profiles that share it. */
function usersOf(
  profiles: readonly Profile[],
): ReadonlyMap<string, { target: Target; names: readonly string[] }> {
  const users = new Map<string, { target: Target; names: readonly string[] }>();
  for (const { name, targets } of profiles)
    for (const target of targets) {
      const key = keyOf(target);
      users.set(key, { target, names: [...(users.get(key)?.names ?? []), name] });
    }
  return users;
}

/** What decides which token AWS gives. The environment is the same for all profiles. */
function keyOf({ client, identity }: Target): string {
  const { warnings: _, environment: __, stsRegion = client.region, ...who } = identity;
  return JSON.stringify([client, stsRegion, who]);
}
