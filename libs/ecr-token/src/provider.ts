import type { AwsClientOptions } from './connection/client-options.ts';
import type { Milliseconds } from './settings/milliseconds.ts';
import { clientOptionsFromEnv, laidOver } from './connection/client-options.ts';
import type { AwsCall, CallListener } from './services/observed-call.ts';
import { registryClient, type RegistryTraits } from './services/registry-client.ts';
import { ecr as askEcr } from './services/ecr.ts';
import { AwsClock } from './token/clock.ts';
import type { EcrToken } from './token/token.ts';
import type { EcrTokenError } from './errors/error.ts';
import { carriedOut, type PlannedCredentials } from './identity/obtain.ts';
import type { CredentialProvider } from './services/ecr.ts';
import type { IdentityListener, ObtainedIdentity } from './identity/obtained-identity.ts';
import { describeIdentity, planIdentity, type IdentityPlan } from './identity/plan.ts';
import { readAll } from './settings/read-all.ts';
import { privateRegistry } from './docker/registry.ts';
import { TokenCache, type EcrTokenRequest, type EcrTokenResult } from './token/cache.ts';
import type { TokenPolicy } from './token/policy.ts';

/** What happens inside a provider, for logs and metrics. */
export type EcrTokenEvent =
  /** A call to ECR or, for an identity that is planned, to STS. */
  | ({ readonly type: 'call' } & AwsCall)
  /** Which identity is planned; told once, before anything is asked of AWS. */
  | { readonly type: 'identity'; readonly description: string; readonly warnings: readonly string[] }
  /** Which way was taken to it in fact: at the first success, and whenever it is another way. */
  | ({ readonly type: 'identity-obtained' } & ObtainedIdentity)
  | { readonly type: 'renewed'; readonly token: EcrToken }
  | { readonly type: 'renewal-failed'; readonly error: EcrTokenError }
  /** This machine's clock is off; what ends is judged by AWS's, which is this machine's plus `offset`. */
  | { readonly type: 'clock-off'; readonly offset: Milliseconds };

/** How tokens are had and kept. Everything has a default; without any, the environment decides. */
export interface EcrTokenOptions {
  /**
   * A private registry that the token is to open, as a host, an image reference or a URL. Its region counts, whatever
   * else is said about one. A FIPS or dual-stack host is asked for at such an endpoint of ECR's, unless `client` or the
   * environment says anything else about endpoints.
   */
  readonly registry?: string | undefined;
  /**
   * Whose token; by default what `identity` leads to. What `fromPlan` gives reaches STS as `identity` does, but for what
   * it was told about that itself, and is among the events. What another credential provider does, nobody here can see.
   */
  readonly credentials?: CredentialProvider | PlannedCredentials | undefined;
  /** Whose token, where no `credentials` are given; by default what {@link planIdentity} makes of `process.env`. */
  readonly identity?: IdentityPlan | undefined;
  /** How AWS is reached. What is left out is taken from `process.env`, see `clientOptionsFromEnv`. */
  readonly client?: AwsClientOptions | undefined;
  /** When a token is reused, and how long failures are. */
  readonly cache?: {
    /** How long a token is reused without a call; an hour by default. */
    readonly young?: Milliseconds | undefined;
    /** An older token bridges failures while it has more life left than this; 0 by default. */
    readonly minRemaining?: Milliseconds | undefined;
    /** The pause after a first failure; a second by default. It doubles, up to 30 s. */
    readonly failure?: Milliseconds | undefined;
    /** While a call takes longer than this, an older token that may bridge is given; a second by default. */
    readonly patience?: Milliseconds | undefined;
  };
  /** For one renewal, STS included; 15 s by default. */
  readonly timeout?: Milliseconds | undefined;
  /** Whether a timer renews tokens ahead of need; true by default. It keeps no process alive. */
  readonly renewAhead?: boolean | undefined;
  /** Milliseconds since 1970; `Date.now` by default. It may be wrong: AWS's answers correct it. */
  readonly clock?: () => number;
  /** Milliseconds since any moment, by a clock that nobody sets; `performance.now` by default. */
  readonly monotonic?: () => number;
  /** In [0, 1); `Math.random` by default. */
  readonly random?: () => number;
  /** Told of what happens inside, as it happens. Must not throw. */
  readonly onEvent?: (event: EcrTokenEvent) => void;
}

/**
 * Gives tokens for one identity in one region.
 *
 * @throws the call throws `EcrTokenError`; recognise it with `isEcrTokenError`.
 */
export interface EcrTokenProvider {
  (request?: EcrTokenRequest): Promise<EcrTokenResult>;
  /** The token at hand, whatever its age, unless it has ended. Makes no call. */
  peek(): EcrToken | undefined;
  /**
   * AWS's time, by which tokens are judged, in milliseconds since 1970: what the answers of ECR and STS have told, this
   * machine's own before the first one. Makes no call.
   */
  now(): number;
  /** Forgets the token at hand, for example after a registry has refused it. */
  invalidate(): void;
  /** Stops renewing ahead; calls are still answered. One that is under way ends by itself, within `timeout`. */
  close(): void;
}

const HOUR = 3_600_000;

/**
 * Makes a provider. Nothing is asked of AWS before its first call.
 *
 * @throws `EcrTokenError` with `invalid-settings` where the environment is malformed, as far as it is needed, or `registry`
 * is no private registry of ECR; its `mistakes` name them all.
 */
export function ecrTokenProvider(options: EcrTokenOptions = {}): EcrTokenProvider {
  const { registry } = options;
  return providerFor(() => (registry === undefined ? {} : privateRegistry(registry)), options);
}

/** Like {@link ecrTokenProvider}, for callers that have parsed the registry hosts themselves. */
export function providerFor(
  traits: () => RegistryTraits,
  options: Omit<EcrTokenOptions, 'registry'>,
): EcrTokenProvider {
  const {
    cache,
    timeout = 15_000,
    renewAhead = true,
    clock = Date.now,
    monotonic = () => performance.now(),
    random = Math.random,
    onEvent,
  } = options;
  const { registry, client, whose } = readAll({
    registry: traits,
    client: () => clientOptionsFromEnv(process.env, options.client),
    whose: () => options.credentials ?? options.identity ?? planIdentity(process.env),
  });
  const ecr = registryClient(client, registry, process.env);
  const onCall = (call: AwsCall) => onEvent?.({ type: 'call', ...call });
  const awsClock = new AwsClock({ clock, monotonic }, (offset) => onEvent?.({ type: 'clock-off', offset }));
  // An endpoint that was given for ECR is none of STS's.
  const sts = { ...client, region: ecr.region, endpoint: undefined };
  const credentials = credentialsOf(
    typeof whose === 'function' ? whose : { plan: whose, options: {} },
    sts,
    awsClock,
    onCall,
    onEvent,
  );
  const tokens = new TokenCache({
    issue: askEcr({ credentials, client: ecr, env: process.env, clock: awsClock, onCall }),
    policy: policyOf(cache),
    timeout,
    renewAhead,
    now: () => awsClock.now(),
    monotonic,
    random,
    onRenewed: (token) => onEvent?.({ type: 'renewed', token }),
    onFailed: (error) => onEvent?.({ type: 'renewal-failed', error }),
  });
  return Object.assign((request?: EcrTokenRequest) => tokens.get(request), {
    peek: () => tokens.peek(),
    now: () => awsClock.now(),
    invalidate: () => tokens.invalidate(),
    close: () => tokens.close(),
  });
}

function policyOf({
  young = HOUR,
  minRemaining = 0,
  failure = 1_000,
  patience = 1_000,
}: EcrTokenOptions['cache'] = {}): TokenPolicy {
  return { young, minRemaining, failure, patience };
}

/** Credentials that are planned, with all that is done for them among the events; or others as they are. */
function credentialsOf(
  given: CredentialProvider | Pick<PlannedCredentials, 'plan' | 'options'>,
  sts: AwsClientOptions,
  clock: AwsClock,
  onCall: CallListener,
  onEvent: EcrTokenOptions['onEvent'],
): CredentialProvider {
  if (!('plan' in given)) return given;
  const { plan, options } = given;
  onEvent?.({ type: 'identity', description: describeIdentity(plan), warnings: plan.warnings });
  const told: CallListener = (call) => {
    options.onCall?.(call);
    onCall(call);
  };
  const obtained: IdentityListener = (identity: ObtainedIdentity) => {
    options.onIdentity?.(identity);
    onEvent?.({ type: 'identity-obtained', ...identity });
  };
  return carriedOut(plan, { sts: laidOver(options.sts, sts), onCall: told, onIdentity: obtained }, clock);
}
