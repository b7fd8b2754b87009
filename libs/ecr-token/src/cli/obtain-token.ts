import { isAbsolute } from 'node:path';
import { clientOptionsFromEnv } from '../connection/client-options.ts';
import { read, type Environment } from '../settings/environment.ts';
import { clientsFor, type RegistryTraits } from '../services/registry-client.ts';
import type { EcrToken } from '../token/token.ts';
import { tokenProvider } from '../provider.ts';
import { isEcrTokenError } from '../errors/error.ts';
import { planIdentity } from '../identity/plan.ts';
import { readAll } from '../settings/read-all.ts';
import { cacheFile } from './cache-file.ts';
import { cacheIdentity } from './cache-identity.ts';

/** Where the cache is kept, as an absolute path; there is none where it is not set. */
export const ENV_CACHE = 'ECR_TOKEN_CACHE';

/**
 * A token for one run of a program: from the cache file while it is young, from AWS otherwise, and from the cache file
 * again where AWS fails and the token in it still works. This file brings the AWS SDK along: import it when it is needed.
 *
 * @throws EcrTokenError
 */
export async function obtainToken(
  env: Environment,
  registry: RegistryTraits,
  complain: (line: string) => void,
): Promise<EcrToken> {
  const { clients, plan } = readAll({
    clients: () => clientsFor(registry, clientOptionsFromEnv(env), env),
    plan: () => planIdentity(env),
  });
  for (const warning of plan.warnings) complain(`warning: ${warning}`);
  const folder = cacheFolder(env, complain);
  const cache =
    folder === undefined
      ? undefined
      : cacheFile(folder, await cacheIdentity(plan, clients.ecr, env), complain);
  const kept = await cache?.read();
  if (kept?.isYoung) return kept.token;
  try {
    const { token } = await tokenProvider({ clients, env, identity: plan, renewAhead: false }).get();
    await cache?.write(token);
    return token;
  } catch (error) {
    if (kept === undefined || !isEcrTokenError(error)) throw error;
    complain(`warning: ${error.message}; the token in the cache still works and is used`);
    return kept.token;
  }
}

/** Any other path would be another folder in every place that a program is run from, with a password in it. */
function cacheFolder(env: Environment, complain: (line: string) => void): string | undefined {
  const folder = read(env, ENV_CACHE);
  if (folder === undefined || isAbsolute(folder)) return folder;
  complain(
    `warning: ${ENV_CACHE} is no absolute path (a ~ is not expanded), so no token is kept or used again`,
  );
  return undefined;
}
