import { clientOptionsFromEnv } from '../connection/client-options.ts';
import { isEcrTokenError, type EcrTokenError } from '../errors/error.ts';
import type { Found } from '../identity/chain/link.ts';
import { defaultChain } from '../identity/sources/default-chain.ts';
import { sts } from '../services/sts.ts';
import { readSharedConfig } from '../settings/shared-config.ts';
import { AwsClock } from '../token/clock.ts';

/** The credentials that the default chain finds in the environment of this process. `endpoint` is that of STS. */
export async function find(endpoint?: string, limit = 10_000): Promise<Found> {
  const env = process.env;
  const client = { ...clientOptionsFromEnv(env), region: 'eu-west-1', endpoint, maxAttempts: 1 };
  return defaultChain.obtain(
    { kind: 'default', roles: [], warnings: [] },
    {
      env,
      config: await readSharedConfig(env),
      client,
      sts: sts({ client, env, clock: localClock() }),
      limit,
    },
  );
}

/** A clock that no answer of AWS has corrected yet. */
export const localClock = () => new AwsClock({ clock: Date.now, monotonic: () => performance.now() });

/** The error if the chain finds no credentials. */
export async function failureToFind(limit?: number): Promise<EcrTokenError> {
  const error = await find(undefined, limit).then(
    ({ source }) => new Error(`it found ${source}`),
    (thrown: unknown) => thrown,
  );
  if (isEcrTokenError(error)) return error;
  throw error;
}
