import { toEcrTokenError } from './aws/classify-error.ts';
import type { Milliseconds } from './aws/client-options.ts';
import { waitFor, withDeadline, type WaitLimits } from './deadline.ts';
import type { EcrToken } from './ecr-token.ts';
import { EcrTokenError } from './errors.ts';
import { failurePause, isUsable, isYoung, renewalDelay, type TokenPolicy } from './token-policy.ts';

/** What a source of tokens gives. */
export interface Issued {
  readonly token: EcrToken;
  /** What has to be added to this machine's clock to get AWS's. */
  readonly clockOffset: Milliseconds;
}

/** What a caller gets. */
export interface EcrTokenResult {
  readonly token: EcrToken;
  /** Why it is an older one: renewing it failed, and this one still has enough life. */
  readonly stale?: EcrTokenError | undefined;
}

/** What one caller wants. */
export interface EcrTokenRequest extends WaitLimits {
  /** Asks AWS even if the token at hand is young or AWS has just failed; joins a call that is under way. */
  readonly forceRefresh?: boolean | undefined;
}

/** What a cache is made of. */
export interface TokenCacheOptions {
  readonly issue: (signal: AbortSignal) => Promise<Issued>;
  readonly policy: TokenPolicy;
  /** For one renewal, everything included. */
  readonly timeout: Milliseconds;
  /** Whether tokens are renewed by a timer, ahead of need. */
  readonly renewAhead: boolean;
  readonly clock: () => number;
  readonly random: () => number;
  readonly onRenewed?: ((token: EcrToken) => void) | undefined;
  readonly onFailed?: ((error: EcrTokenError) => void) | undefined;
  /** Told once when this machine's clock turns out to be off. */
  readonly onClockOff?: ((offset: Milliseconds) => void) | undefined;
}

/** One token, shared by all callers: one call in flight, reuse while young, the last good one through an outage. */
export class TokenCache {
  readonly #options: TokenCacheOptions;
  #token: EcrToken | undefined;
  #clockOffset: Milliseconds = 0;
  #renewal: Promise<EcrToken> | undefined;
  #failure: { readonly error: EcrTokenError; readonly until: number; readonly count: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
  }

  async get({ forceRefresh = false, ...limits }: EcrTokenRequest = {}): Promise<EcrTokenResult> {
    const now = this.#now();
    if (!forceRefresh) {
      if (this.#token && isYoung(this.#token, now, this.#options.policy)) return { token: this.#token };
      if (this.#failure && this.#isHeldBack(now, this.#failure)) return this.#bridge(this.#failure.error);
    }
    try {
      return { token: await waitFor(this.#renew(), limits) };
    } catch (error) {
      // Nothing but an EcrTokenError comes from #attempt and waitFor.
      return this.#bridge(error as EcrTokenError);
    }
  }

  /** The token at hand, unless it has ended. */
  peek(): EcrToken | undefined {
    return this.#token && this.#token.expiresAt.getTime() > this.#now() ? this.#token : undefined;
  }

  /** Forgets the token and the last failure. */
  invalidate(): void {
    this.#token = undefined;
    this.#failure = undefined;
  }

  /** Stops renewing ahead. Callers are still served. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #now(): number {
    return this.#options.clock() + this.#clockOffset;
  }

  /** A clock that was set back must not make a pause of seconds one of hours. */
  #isHeldBack(now: number, { until, count }: { until: number; count: number }): boolean {
    return now < until && until - now <= failurePause(count, this.#options.policy, 1);
  }

  #bridge(error: EcrTokenError): EcrTokenResult {
    const token = this.#token;
    if (token && isUsable(token, this.#now(), this.#options.policy)) return { token, stale: error };
    throw error;
  }

  #renew(): Promise<EcrToken> {
    this.#renewal ??= this.#attempt().finally(() => {
      this.#renewal = undefined;
    });
    this.#renewal.catch(() => undefined); // whoever waits hears of it; nobody has to wait
    return this.#renewal;
  }

  async #attempt(): Promise<EcrToken> {
    const { issue, timeout, policy, random, onRenewed, onFailed, onClockOff } = this.#options;
    try {
      const { token, clockOffset } = await withDeadline(timeout, issue);
      if (this.#token && token.expiresAt < this.#token.expiresAt) throw endsSooner(token);
      if (clockOffset !== 0 && this.#clockOffset === 0) onClockOff?.(clockOffset);
      this.#clockOffset = clockOffset;
      this.#token = token;
      this.#failure = undefined;
      this.#renewAfter(renewalDelay(token, this.#now(), policy, random()));
      onRenewed?.(token);
      return token;
    } catch (cause) {
      const error = toEcrTokenError(cause, { service: 'ecr', operation: 'GetAuthorizationToken' });
      const count = (this.#failure?.count ?? 0) + 1;
      const pause = failurePause(count, policy, random());
      this.#failure = { error, count, until: this.#now() + pause };
      this.#renewAfter(pause);
      onFailed?.(error);
      throw error;
    }
  }

  #renewAfter(delay: Milliseconds): void {
    clearTimeout(this.#timer);
    if (!this.#options.renewAhead || this.#closed) return;
    this.#timer = setTimeout(() => void this.#renew().catch(() => undefined), delay);
    this.#timer.unref();
  }
}

/** A token that works is never replaced by a worse one. */
function endsSooner({ region }: EcrToken): EcrTokenError {
  return new EcrTokenError({
    code: 'bad-response',
    message: `The answer of ECR in ${region} holds a token that ends sooner than the one at hand`,
    remedy: 'check that nothing between here and AWS rewrites or caches answers',
  });
}
