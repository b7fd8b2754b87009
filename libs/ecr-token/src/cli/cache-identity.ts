import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { read, type Environment } from '../settings/environment.ts';
import type { AwsClientOptions } from '../connection/client-options.ts';
import { sharedConfigFiles } from '../settings/shared-config.ts';
import type { IdentityPlan } from '../identity/plan.ts';
import { SOURCES } from '../identity/chain/index.ts';

/** What decides whose token it is, beside the plan. A key's id is no secret. */
const VARIABLES = [
  ...SOURCES.flatMap(({ reads }) => reads),
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_ECR',
  'AWS_ENDPOINT_URL_STS',
];

/**
 * What a cached token is kept under: all that is known of the identity without asking anybody. It is not known what a
 * credential_process prints, whose an SSO session is, or which role metadata stands for: when such a source comes to give
 * another identity, a token of the one before may be used until it ends.
 */
export async function cacheIdentity(
  plan: IdentityPlan,
  { region, useFipsEndpoint }: AwsClientOptions,
  env: Environment,
): Promise<unknown> {
  const files = await Promise.all(filesWithKeys(plan, env).map(fingerprint));
  return [plan, region, useFipsEndpoint, VARIABLES.map((name) => read(env, name)), files];
}

function filesWithKeys(plan: IdentityPlan, env: Environment): readonly string[] {
  return plan.kind === 'keys-directory'
    ? [join(plan.directory, 'AWS_ACCESS_KEY_ID')]
    : sharedConfigFiles(env);
}

/** Changes with the file, and holds nothing of what is in it. */
async function fingerprint(file: string): Promise<unknown> {
  const { mtimeMs, size } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0 }));
  return [file, mtimeMs, size];
}
