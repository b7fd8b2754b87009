import { clientOptionsFromEnv, type AwsClientOptions } from '../connection/client-options.ts';
import type { CredentialProvider } from '../services/ecr.ts';
import type { CallListener } from '../services/observed-call.ts';
import { sts } from '../services/sts.ts';
import type { Milliseconds } from '../settings/milliseconds.ts';
import { readSharedConfig } from '../settings/shared-config.ts';
import { AwsClock } from '../token/clock.ts';
import { assumeRoles } from './exchange/assume-roles.ts';
import { onlyChanges, type IdentityListener } from './obtained-identity.ts';
import type { IdentityPlan } from './plan.ts';
import { sourceOf } from './sources/index.ts';

/** How a plan is carried out. */
export interface FromPlanOptions {
  /**
   * How STS is reached. What is left out is taken from the environment of the plan. `AWS_STS_REGION`, which is in the
   * plan, wins over every region.
   */
  readonly sts?: AwsClientOptions | undefined;
  /** Called for every finished call to STS. */
  readonly onCall?: CallListener | undefined;
  /** Called with the identity that was obtained: the first time, and whenever it changes. */
  readonly onIdentity?: IdentityListener | undefined;
  /** Milliseconds since 1970; `Date.now` by default. It may be wrong: it is corrected by STS's answers. */
  readonly clock?: () => number;
}

/**
 * The expiration of credentials that have none. Clients of the SDK keep credentials without an expiration for ever, and
 * ask for new ones five minutes before one. So they notice within five minutes that keys in a file have changed.
 */
const RECHECK: Milliseconds = 10 * 60_000;

/**
 * Makes a credential provider for clients of the AWS SDK from a plan. A token provider takes the plan itself.
 *
 * Each call reads token files, shared configuration and metadata again, so that rotated credentials take effect.
 * `expiration` is always set; clients of the SDK ask again shortly before it.
 *
 * @throws `EcrTokenError` with `invalid-settings` if the environment of the plan is malformed, as far as it is
 * needed; the provider that it returns throws `EcrTokenError`.
 */
export function fromPlan(plan: IdentityPlan, options: FromPlanOptions = {}): CredentialProvider {
  const { clock = Date.now, ...others } = options;
  return credentialsOf(plan, others, new AwsClock({ clock, monotonic: () => performance.now() }));
}

/** How long a program or a service may take that gives credentials. */
const LIMIT: Milliseconds = 10_000;

/** Like {@link fromPlan}; `clock` tells the time, and is corrected by the answers of STS. */
export function credentialsOf(
  plan: IdentityPlan,
  { sts: given, onCall, onIdentity }: Omit<FromPlanOptions, 'clock'>,
  clock: AwsClock,
): CredentialProvider {
  const source = sourceOf(plan);
  const env = plan.environment?.variables ?? process.env;
  const reached = clientOptionsFromEnv(env, given);
  const client = { ...reached, region: plan.stsRegion ?? reached.region };
  const service = sts({ client, env, clock, onCall });
  const tell = onlyChanges(onIdentity);
  return joined(async () => {
    // Clients of the SDK also read these files. A file on which they would hang is refused first.
    const config = await readSharedConfig(env);
    const found = await source.obtain(plan, { env, config, client, sts: service, limit: LIMIT });
    const { remaining = plan.roles } = found;
    const { credentials, roles } = await assumeRoles(remaining, found.credentials, service);
    tell({ source: found.source ?? source.describe(plan), roles: [...found.roles, ...roles] });
    return { ...credentials, expiration: credentials.expiration ?? new Date(clock.now() + RECHECK) };
  });
}

/** Lets concurrent callers share one call, so that no `credential_process` runs twice at a time. */
function joined<T>(ask: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined;
  return () =>
    (pending ??= ask().finally(() => {
      pending = undefined;
    }));
}
