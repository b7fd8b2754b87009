import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { clientOptionsFromEnv, type AwsClientOptions, type Milliseconds } from '../aws/client-options.ts';
import type { CallListener } from '../aws/observed-call.ts';
import { readSharedConfig } from '../aws/shared-config.ts';
import { AwsClock } from '../aws-clock.ts';
import { assumeRoles } from './assume-roles.ts';
import { fromDefaultChain } from './default-chain.ts';
import { fromKeysDirectory } from './keys-directory.ts';
import { onlyChanges, type IdentityListener } from './obtained-identity.ts';
import { describeSource, type IdentityPlan, type RoleStep } from './plan-identity.ts';
import { ENV } from './role-settings.ts';
import type { Found } from './sources/source.ts';
import { sts, type Sts } from './sts.ts';
import { readTokenFile } from './token-file.ts';

/** Gives AWS credentials each time it is called: the SDK's own type. */
export type CredentialProvider = AwsCredentialIdentityProvider;

/** Who is told of what is done for an identity. */
export interface IdentityListeners {
  /** Told of every call to STS. */
  readonly onCall?: CallListener | undefined;
  /** Told which way was taken in fact: at the first success, and whenever it is another way. */
  readonly onIdentity?: IdentityListener | undefined;
}

/** How a plan is carried out. */
export interface FromPlanOptions extends IdentityListeners {
  /**
   * How STS is reached; what is left out is taken from `process.env`. The region is that of the registry unless another
   * one is nearer; `AWS_STS_REGION`, which is in the plan, wins over it.
   */
  readonly sts?: AwsClientOptions | undefined;
  /** Milliseconds since 1970; `Date.now` by default. It may be wrong: STS's answers correct it. */
  readonly clock?: () => number;
}

/** A credential provider that says whose credentials it gives, and what it does for them. */
export interface PlannedCredentials extends CredentialProvider {
  readonly plan: IdentityPlan;
  /**
   * The same credentials for somebody who wants to be told as well; a token provider puts it among its events.
   *
   * @param clock - learns the time from STS's answers; by default one of these credentials' own
   */
  observedBy(listeners: IdentityListeners, clock?: AwsClock): PlannedCredentials;
}

/**
 * Clients of the SDK keep credentials without an end for ever, and ask anew five minutes before an end. With this one
 * they notice within five minutes that keys in a file have changed.
 */
const RECHECK: Milliseconds = 10 * 60_000;

/**
 * Carries a plan out. Each call does so anew: token files, shared configuration and metadata are read again, so that
 * what rotates takes effect. The token provider asks about once an hour, and clients of the SDK keep what they are given
 * until shortly before its `expiration`, which is always set. The default chain reads `process.env`, whatever environment
 * the plan was made from.
 *
 * @throws `EcrTokenError` with `invalid-settings` where `process.env` is malformed, as far as it is needed; the provider it
 * returns throws `EcrTokenError`.
 */
export function fromPlan(
  plan: IdentityPlan,
  { clock = Date.now, ...options }: FromPlanOptions = {},
): PlannedCredentials {
  return carriedOut(plan, options, new AwsClock({ clock, monotonic: () => performance.now() }));
}

function carriedOut(
  plan: IdentityPlan,
  options: Omit<FromPlanOptions, 'clock'>,
  clock: AwsClock,
): PlannedCredentials {
  const { onCall, onIdentity } = options;
  const reached = clientOptionsFromEnv(process.env, options.sts);
  const client = { ...reached, region: plan.stsRegion ?? reached.region };
  const service = sts({ client, clock, onCall });
  const begin = beginningOf(plan, client, service);
  const tell = onlyChanges(onIdentity);
  const credentials = async () => {
    // Clients of the SDK read these files by themselves: what they would never come back from is refused first.
    await readSharedConfig(process.env);
    const first = await begin();
    const { credentials, roles } = await assumeRoles(first.remaining, first.credentials, service);
    tell({ source: first.source ?? describeSource(plan), roles: [...first.roles, ...roles] });
    return { ...credentials, expiration: credentials.expiration ?? new Date(clock.now() + RECHECK) };
  };
  return Object.assign(credentials, {
    plan,
    observedBy: (listeners: IdentityListeners, shared = clock) =>
      carriedOut(
        plan,
        {
          ...options,
          onCall: both(onCall, listeners.onCall),
          onIdentity: both(onIdentity, listeners.onIdentity),
        },
        shared,
      ),
  });
}

function both<T>(first: ((event: T) => void) | undefined, second: ((event: T) => void) | undefined) {
  return (event: T): void => {
    first?.(event);
    second?.(event);
  };
}

/** The first credentials, and the roles that are still to be assumed with them. */
type Beginning = Found & { readonly remaining: readonly RoleStep[] };

function beginningOf(plan: IdentityPlan, client: AwsClientOptions, service: Sts): () => Promise<Beginning> {
  const remaining = plan.roles;
  const [role, ...others] = plan.roles;
  if (plan.kind === 'keys-directory') {
    return async () => ({ credentials: await fromKeysDirectory(plan.directory), roles: [], remaining });
  }
  if (plan.kind === 'web-identity' && role !== undefined) {
    return async () => {
      const token = await readTokenFile(plan.tokenFile, ENV.tokenFile);
      const credentials = await service.assumeRoleWithWebIdentity(role, token);
      return { credentials, roles: [{ roleArn: role.roleArn, outcome: 'assumed' }], remaining: others };
    };
  }
  const find = fromDefaultChain({ client, service, sessionName: plan.sessionName });
  return async () => ({ ...(await find()), remaining });
}
