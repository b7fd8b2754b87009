import {
  clientOptionsFromEnv,
  isEcrTokenError,
  planIdentity,
  type Environment,
} from '@ecr-anywhere/ecr-token';
import { configHash, TOKEN_LIFETIME, type Milliseconds } from '@ecr-anywhere/secret-scan';
import { formatDuration } from './duration.ts';
import { SettingsError } from './read-settings.ts';
import { duration, hosts } from './setting-types.ts';

/** The settings that the webhook and the refresher have to agree on. The chart gives both the same. */
export const refreshSettings = {
  /** A Secret is due once its credentials have this much life left. */
  REFRESH_THRESHOLD: duration('6h'),
  /** How much more life than that a token needs to be put into a Secret while AWS is away. */
  REFRESH_MARGIN: duration('30m'),
  /** Registry hosts that get the credentials beside the token's own. */
  REGISTRY_HOSTS: hosts(),
} as const;

/**
 * The fingerprint that Secrets made under these settings carry. Undefined where the region is not among the environment
 * variables: then a profile in a file decides, which the refresher may not have.
 *
 * @throws {@link SettingsError} where the AWS settings are malformed.
 */
export function hashOfSettings(env: Environment, registryHosts: readonly string[]): string | undefined {
  try {
    const { region } = clientOptionsFromEnv(env);
    if (region === undefined) return undefined;
    const roleArns = planIdentity(env).roles.map(({ roleArn }) => roleArn);
    return configHash({ region, roleArns, hosts: registryHosts });
  } catch (error) {
    if (isEcrTokenError(error)) throw new SettingsError([`${error.message}: ${error.remedy}`]);
    throw error;
  }
}

/** Refuses a threshold that no token could meet. */
export function checkThreshold(
  threshold: Milliseconds,
  margin: Milliseconds,
  reuse: Milliseconds,
): string | undefined {
  const most = TOKEN_LIFETIME - margin - reuse;
  if (threshold < most) return undefined;
  return (
    `REFRESH_THRESHOLD: no token could meet it: a token lives ${formatDuration(TOKEN_LIFETIME)}, of which ` +
    `${formatDuration(reuse)} may have passed (TOKEN_REUSE) and ${formatDuration(margin)} are kept back ` +
    `(REFRESH_MARGIN); expected less than ${formatDuration(most)}, not ${formatDuration(threshold)}`
  );
}
