import { AwsClock } from '../token/clock.ts';
import { clientOptionsFromEnv } from '../connection/client-options.ts';
import { isEcrTokenError, type EcrTokenError } from '../errors/error.ts';
import { fromDefaultChain } from '../identity/sources/default-chain.ts';
import type { Found } from '../identity/chain/link.ts';
import { sts } from '../services/sts.ts';

/** What the default chain finds in the environment of this process; `endpoint` is STS's. */
export function find(endpoint?: string, limit?: number): Promise<Found> {
  const client = { ...clientOptionsFromEnv(process.env), region: 'eu-west-1', endpoint, maxAttempts: 1 };
  return fromDefaultChain({ client, service: sts({ client, clock: localClock() }), limit })();
}

/** A clock that nobody's answers have corrected yet. */
export const localClock = () => new AwsClock({ clock: Date.now, monotonic: () => performance.now() });

/** Why it finds nothing. */
export async function failureToFind(limit?: number): Promise<EcrTokenError> {
  const error = await find(undefined, limit).then(
    ({ source }) => new Error(`it found ${source}`),
    (thrown: unknown) => thrown,
  );
  if (isEcrTokenError(error)) return error;
  throw error;
}
