import { clientOptionsFromEnv, overridden, type AwsClientOptions } from './connection/client-options.ts';
import { privateRegistry } from './docker/registry.ts';
import type { EcrTokenError } from './errors/error.ts';
import { credentialsOf } from './identity/from-plan.ts';
import type { ObtainedIdentity } from './identity/obtained-identity.ts';
import { describeIdentity, planIdentity, type IdentityPlan } from './identity/plan.ts';
import { clientsFor, type Clients } from './services/clients.ts';
import { ecr, type CredentialProvider } from './services/ecr.ts';
import type { AwsCall, CallListener } from './services/observed-call.ts';
import type { Environment } from './settings/environment.ts';
import type { Milliseconds } from './settings/milliseconds.ts';
import { readAll } from './settings/read-all.ts';
import { TokenCache, type EcrTokenRequest, type EcrTokenResult } from './token/cache.ts';
import { AwsClock } from './token/clock.ts';
import type { TokenPolicy } from './token/policy.ts';
import type { EcrToken } from './token/token.ts';

/** Something that happened in a provider, for logs and metrics. */
export type EcrTokenEvent =
  /** A finished call to ECR or, for an `identity`, to STS. */
  | ({ readonly type: 'call' } & AwsCall)
  /** How the identity will be obtained. Comes once, before the first call to AWS. */
  | { readonly type: 'identity'; readonly description: string; readonly warnings: readonly string[] }
  /** How the identity was obtained in fact. Comes the first time, and whenever it changes. */
  | ({ readonly type: 'identity-obtained' } & ObtainedIdentity)
  | { readonly type: 'renewed'; readonly token: EcrToken }
  | { readonly type: 'renewal-failed'; readonly error: EcrTokenError }
  /** This machine's clock is wrong. AWS's clock, which is `offset` ahead of it, decides when tokens expire. */
  | { readonly type: 'clock-off'; readonly offset: Milliseconds };

/** How tokens are obtained and cached. All options have defaults, most of which come from the environment. */
export interface EcrTokenOptions {
  /**
   * A private registry that the token is for: a host, an image reference or a URL. Its region wins over every other
   * setting of a region. For a FIPS or dual-stack host, ECR is called at an endpoint of that kind, unless `client` or
   * the environment chooses an endpoint.
   */
  readonly registry?: string | undefined;
  /** Whose token to get; by default what {@link planIdentity} makes of `env`. Calls to STS are among the events. */
  readonly identity?: IdentityPlan | undefined;
  /** Any credential provider of the SDK; it wins over `identity`. What it does is not among the events. */
  readonly credentials?: CredentialProvider | undefined;
  /** How AWS is reached. What is left out is taken from `env`, see `clientOptionsFromEnv`. */
  readonly client?: AwsClientOptions | undefined;
  /** How STS is reached, if that differs from `client`. The endpoint in `client` is never that of STS. */
  readonly sts?: AwsClientOptions | undefined;
  /**
   * The environment that decides what is not set; `process.env` by default. Endpoints always come from `process.env`,
   * where the SDK reads them.
   */
  readonly env?: Environment | undefined;
  /** How long tokens and failures are kept. */
  readonly cache?: {
    /** How long a token is reused without a call; an hour by default. */
    readonly young?: Milliseconds | undefined;
    /** An older token is used if a call fails, as long as it is valid for longer than this; 0 by default. */
    readonly minRemaining?: Milliseconds | undefined;
    /** The pause after a first failure; a second by default. It doubles, up to 30 s. */
    readonly failure?: Milliseconds | undefined;
    /** Once a call has taken this long, an older token that is still usable is given; a second by default. */
    readonly patience?: Milliseconds | undefined;
  };
  /** The longest time for one renewal, including calls to STS; 15 s by default. */
  readonly timeout?: Milliseconds | undefined;
  /** Whether a timer renews tokens ahead of need; true by default. The timer does not keep the process alive. */
  readonly renewAhead?: boolean | undefined;
  /** Milliseconds since 1970; `Date.now` by default. It may be wrong: it is corrected by AWS's answers. */
  readonly clock?: () => number;
  /** Milliseconds by a monotonic clock; `performance.now` by default. */
  readonly monotonic?: () => number;
  /** In [0, 1); `Math.random` by default. */
  readonly random?: () => number;
  /** Called for every event. Must not throw. */
  readonly onEvent?: (event: EcrTokenEvent) => void;
}

/** Gives tokens for one identity in one region. */
export interface EcrTokenProvider {
  /**
   * Gives a token: the cached one while it is young, otherwise a new one.
   *
   * @throws `EcrTokenError`; recognise it with `isEcrTokenError`.
   */
  get(request?: EcrTokenRequest): Promise<EcrTokenResult>;
  /** The cached token of any age, unless it has expired. Makes no call. */
  peek(): EcrToken | undefined;
  /**
   * The time at AWS in milliseconds since 1970, which decides when tokens expire. It is learned from the answers of ECR
   * and STS; before the first one it is the time of this machine. Makes no call.
   */
  now(): number;
  /** Removes the cached token, for example after a registry has refused it. */
  invalidate(): void;
  /** Stops the timer. `get` still works. A call in progress ends by itself, within `timeout`. */
  close(): void;
}

const HOUR = 3_600_000;

/**
 * Makes a provider. AWS is not called before the first `get`.
 *
 * @throws `EcrTokenError` with `invalid-settings` if the environment is malformed, as far as it is needed, or
 * `registry` is not a private registry of ECR; its `mistakes` name them all.
 */
export function ecrTokenProvider(options: EcrTokenOptions = {}): EcrTokenProvider {
  const { registry, credentials, env = process.env } = options;
  const { traits, client, identity } = readAll({
    traits: () => (registry === undefined ? {} : privateRegistry(registry)),
    client: () => clientOptionsFromEnv(env, options.client),
    identity: () => options.identity ?? (credentials === undefined ? planIdentity(env) : undefined),
  });
  return tokenProvider({ ...options, env, identity, clients: clientsFor(traits, client, env) });
}

/** What {@link tokenProvider} takes: options whose settings have been read. */
export interface TokenProviderOptions extends Omit<EcrTokenOptions, 'registry' | 'client'> {
  readonly env: Environment;
  readonly clients: Clients;
}

/** Like {@link ecrTokenProvider}, for callers that have read the settings themselves. */
export function tokenProvider(options: TokenProviderOptions): EcrTokenProvider {
  const { clients, env, timeout = 15_000, renewAhead = true, onEvent } = options;
  const { clock = Date.now, monotonic = () => performance.now(), random = Math.random } = options;
  const awsClock = new AwsClock({ clock, monotonic }, (offset) => onEvent?.({ type: 'clock-off', offset }));
  const onCall = (call: AwsCall) => onEvent?.({ type: 'call', ...call });
  const credentials = options.credentials ?? planned(options, awsClock, onCall);
  const tokens = new TokenCache({
    issue: ecr({ credentials, client: clients.ecr, env, clock: awsClock, onCall }),
    policy: policyOf(options.cache),
    timeout,
    renewAhead,
    now: () => awsClock.now(),
    monotonic,
    random,
    onRenewed: (token) => onEvent?.({ type: 'renewed', token }),
    onFailed: (error) => onEvent?.({ type: 'renewal-failed', error }),
  });
  return {
    get: (request) => tokens.get(request),
    peek: () => tokens.peek(),
    now: () => awsClock.now(),
    invalidate: () => tokens.invalidate(),
    close: () => tokens.close(),
  };
}

function policyOf({
  young = HOUR,
  minRemaining = 0,
  failure = 1_000,
  patience = 1_000,
}: EcrTokenOptions['cache'] = {}): TokenPolicy {
  return { young, minRemaining, failure, patience };
}

/** The credentials of the identity, with events for how they are obtained. */
function planned(
  { identity, env, clients, sts, onEvent }: TokenProviderOptions,
  clock: AwsClock,
  onCall: CallListener,
): CredentialProvider {
  const plan = identity ?? planIdentity(env);
  onEvent?.({ type: 'identity', description: describeIdentity(plan), warnings: plan.warnings });
  return credentialsOf(
    plan,
    {
      sts: overridden(sts, clients.sts),
      onCall,
      onIdentity: (obtained) => onEvent?.({ type: 'identity-obtained', ...obtained }),
    },
    clock,
  );
}
