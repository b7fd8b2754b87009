import { clientOptionsFromEnv, laidOver, type AwsClientOptions } from './connection/client-options.ts';
import { privateRegistry } from './docker/registry.ts';
import type { EcrTokenError } from './errors/error.ts';
import { credentialsOf } from './identity/obtain.ts';
import type { ObtainedIdentity } from './identity/obtained-identity.ts';
import { describeIdentity, planIdentity, type IdentityPlan } from './identity/plan.ts';
import { ecr, type CredentialProvider } from './services/ecr.ts';
import type { AwsCall, CallListener } from './services/observed-call.ts';
import { clientsFor, type Clients } from './services/registry-client.ts';
import type { Environment } from './settings/environment.ts';
import type { Milliseconds } from './settings/milliseconds.ts';
import { readAll } from './settings/read-all.ts';
import { TokenCache, type EcrTokenRequest, type EcrTokenResult } from './token/cache.ts';
import { AwsClock } from './token/clock.ts';
import type { TokenPolicy } from './token/policy.ts';
import type { EcrToken } from './token/token.ts';

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
  /** Whose token; by default what {@link planIdentity} makes of `env`. Its calls to STS are among the events. */
  readonly identity?: IdentityPlan | undefined;
  /** Any credential provider of the SDK, in place of an `identity`. Nobody here can see what it does. */
  readonly credentials?: CredentialProvider | undefined;
  /** How AWS is reached. What is left out is taken from `env`, see `clientOptionsFromEnv`. */
  readonly client?: AwsClientOptions | undefined;
  /** How STS is reached, where that differs from `client`. The endpoint in `client` is never that of STS. */
  readonly sts?: AwsClientOptions | undefined;
  /** The environment that decides what is left out; `process.env` by default. Endpoints are always those of `process.env`. */
  readonly env?: Environment | undefined;
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

/** Gives tokens for one identity in one region. */
export interface EcrTokenProvider {
  /**
   * A token: the one at hand while it is young, otherwise a new one.
   *
   * @throws `EcrTokenError`; recognise it with `isEcrTokenError`.
   */
  get(request?: EcrTokenRequest): Promise<EcrTokenResult>;
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
 * is not a private registry of ECR; its `mistakes` name them all.
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

/** The credentials of a planned identity. What is done for them is told among the events. */
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
      sts: laidOver(sts, clients.sts),
      onCall,
      onIdentity: (obtained) => onEvent?.({ type: 'identity-obtained', ...obtained }),
    },
    clock,
  );
}
