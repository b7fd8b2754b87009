import { stat } from 'node:fs/promises';
import { ENDPOINT_URLS, type AwsClientOptions } from '../connection/client-options.ts';
import type { IdentityPlan } from '../identity/plan.ts';
import { sourceOf, SOURCES } from '../identity/sources/index.ts';
import { read, type Environment } from '../settings/environment.ts';
import { sharedConfigFiles } from '../settings/shared-config.ts';

/** The variables that decide whose token it is. The id of a key is not a secret. */
const VARIABLES = [...SOURCES.flatMap(({ reads }) => reads), ...Object.values(ENDPOINT_URLS)];

/**
 * The key of a cached token: all that is known of the identity without a call. What a credential_process prints, who
 * has logged in at SSO and which role metadata gives is not known. If they change, the cache still gives the token of
 * the former identity until it expires.
 */
export async function cacheIdentity(
  plan: IdentityPlan,
  { region, useFipsEndpoint }: AwsClientOptions,
  env: Environment,
): Promise<unknown> {
  const ofSource = sourceOf(plan).files?.(plan) ?? [];
  const files = await Promise.all([...sharedConfigFiles(env), ...ofSource].map(fingerprint));
  return [plan, region, useFipsEndpoint, VARIABLES.map((name) => read(env, name)), files];
}

/** Changes with the file. Contains nothing of its content. */
async function fingerprint(file: string): Promise<unknown> {
  const { mtimeMs, size } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0 }));
  return [file, mtimeMs, size];
}
