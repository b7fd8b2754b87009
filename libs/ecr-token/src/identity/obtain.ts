import { clientOptionsFromEnv, type AwsClientOptions } from '../connection/client-options.ts';
import type { Milliseconds } from '../settings/milliseconds.ts';
import type { CredentialProvider } from '../services/ecr.ts';
import type { CallListener } from '../services/observed-call.ts';
import { readSharedConfig } from '../settings/shared-config.ts';
import { AwsClock } from '../token/clock.ts';
import { assumeRoles } from './exchange/assume-roles.ts';
import { fromDefaultChain } from './sources/default-chain.ts';
import { fromKeysDirectory } from './material/keys-directory.ts';
import { onlyChanges, type IdentityListener } from './obtained-identity.ts';
import { describeSource, type IdentityPlan } from './plan.ts';
import type { RoleStep } from '../services/sts.ts';
import { ENV } from './exchange/role-settings.ts';
import type { Found } from './chain/link.ts';
import { sts, type Sts } from '../services/sts.ts';
import { readTokenFile } from './material/token-file.ts';

/** How a plan is carried out. */
export interface FromPlanOptions {
  /**
   * How STS is reached. What is left out is taken from the token provider that the credentials are given to: the region of
   * its registry, its proxy, its CA bundle and the like, but not its endpoint, which is ECR's. What that does not say is
   * taken from `process.env`, as is everything where there is no token provider. `AWS_STS_REGION`, which is in the plan,
   * wins over every region.
   */
  readonly sts?: AwsClientOptions | undefined;
  /** Told of every call to STS. */
  readonly onCall?: CallListener | undefined;
  /** Told which way was taken in fact: at the first success, and whenever it is another way. */
  readonly onIdentity?: IdentityListener | undefined;
  /** Milliseconds since 1970; `Date.now` by default. It may be wrong: STS's answers correct it. */
  readonly clock?: () => number;
}

/** What {@link fromPlan} gives: it says how it is had, so that a token provider can tell of it among its events. */
export interface PlannedCredentials extends CredentialProvider {
  readonly plan: IdentityPlan;
  readonly options: FromPlanOptions;
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
export function fromPlan(plan: IdentityPlan, options: FromPlanOptions = {}): PlannedCredentials {
  const { clock = Date.now } = options;
  const credentials = carriedOut(plan, options, new AwsClock({ clock, monotonic: () => performance.now() }));
  return Object.assign(credentials, { plan, options });
}

/** Like {@link fromPlan}; `clock` tells the time, and learns it from the answers of STS. */
export function carriedOut(
  plan: IdentityPlan,
  { sts: given, onCall, onIdentity }: Omit<FromPlanOptions, 'clock'>,
  clock: AwsClock,
): CredentialProvider {
  const reached = clientOptionsFromEnv(process.env, given);
  const client = { ...reached, region: plan.stsRegion ?? reached.region };
  const service = sts({ client, clock, onCall });
  const begin = beginningOf(plan, client, service);
  const tell = onlyChanges(onIdentity);
  return async () => {
    // Clients of the SDK read these files by themselves: what they would never come back from is refused first.
    await readSharedConfig(process.env);
    const first = await begin();
    const { credentials, roles } = await assumeRoles(first.remaining, first.credentials, service);
    tell({ source: first.source ?? describeSource(plan), roles: [...first.roles, ...roles] });
    return { ...credentials, expiration: credentials.expiration ?? new Date(clock.now() + RECHECK) };
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
