import type { Environment } from '@ecr-anywhere/ecr-token';
import { configHash } from '@ecr-anywhere/secret-scan';
import { awsSettings } from './aws-settings.ts';
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
 * @throws SettingsError with every mistake among the AWS variables at once.
 */
export function hashOfSettings(env: Environment, registryHosts: readonly string[]): string | undefined {
  const { client, identity } = awsSettings(env);
  if (client.region === undefined) return undefined;
  const roleArns = identity.roles.map(({ roleArn }) => roleArn);
  return configHash({ region: client.region, roleArns, hosts: registryHosts });
}
