import { stat } from 'node:fs/promises';
import { ENDPOINT_URLS, type AwsClientOptions } from '../connection/client-options.ts';
import type { IdentityPlan } from '../identity/plan.ts';
import { sourceOf, SOURCES } from '../identity/sources/index.ts';
import { read, type Environment } from '../settings/environment.ts';
import { sharedConfigFiles } from '../settings/shared-config.ts';

/** What decides whose token it is, beside the plan. A key's id is no secret. */
const VARIABLES = [...SOURCES.flatMap(({ reads }) => reads), ...Object.values(ENDPOINT_URLS)];

/**
 * What a cached token is kept under: all that is known of the identity without asking anybody. It is not known what a
 * credential_process prints, whose an SSO session is, or which role metadata gives. If such a source begins to give another
 * identity, the cache gives the token of the identity before until that token ends.
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

/** Changes with the file, and holds nothing of what is in it. */
async function fingerprint(file: string): Promise<unknown> {
  const { mtimeMs, size } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0 }));
  return [file, mtimeMs, size];
}
