import { isAbsolute } from 'node:path';
import { clientOptionsFromEnv } from '../connection/client-options.ts';
import { isEcrTokenError } from '../errors/error.ts';
import { planIdentity } from '../identity/plan.ts';
import { tokenProvider } from '../provider.ts';
import { clientsFor, type RegistryTraits } from '../services/clients.ts';
import { read, type Environment } from '../settings/environment.ts';
import { readAll } from '../settings/read-all.ts';
import type { EcrToken } from '../token/token.ts';
import { cacheFile } from './cache-file.ts';
import { cacheIdentity } from './cache-identity.ts';

/** The folder of the cache, as an absolute path. Without it there is no cache. */
const ENV_CACHE = 'ECR_TOKEN_CACHE';

/**
 * Gets a token for one run of a program: from the cache file while the token is young, otherwise from AWS, and if AWS
 * fails, from the cache file if that token is still valid. This file imports the AWS SDK, so import it only when it is
 * needed.
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
  const cached = await cache?.read();
  if (cached?.isYoung) return cached.token;
  try {
    const { token } = await tokenProvider({ clients, env, identity: plan, renewAhead: false }).get();
    await cache?.write(token);
    return token;
  } catch (error) {
    if (cached === undefined || !isEcrTokenError(error)) throw error;
    complain(`warning: ${error.message}; the token in the cache still works and is used`);
    return cached.token;
  }
}

/** A relative path would leave a folder with a password wherever the program is started. */
function cacheFolder(env: Environment, complain: (line: string) => void): string | undefined {
  const folder = read(env, ENV_CACHE);
  if (folder === undefined || isAbsolute(folder)) return folder;
  complain(
    `warning: ${ENV_CACHE} is not an absolute path (a ~ is not expanded), so tokens are neither stored nor reused`,
  );
  return undefined;
}
