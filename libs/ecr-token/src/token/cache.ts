import { EcrTokenError, type EcrTokenErrorInit } from '../errors/error.ts';
import type { Milliseconds } from '../settings/milliseconds.ts';
import { waitFor, type WaitLimits } from './deadline.ts';
import { isAskedWithin, isUsable, isYoung, type HeldToken } from './policy.ts';
import { TokenRenewal, type Failure, type TokenRenewalOptions } from './renewal.ts';
import type { EcrToken } from './token.ts';

/** What a caller gets. */
export interface EcrTokenResult {
  readonly token: EcrToken;
  /** Set if the token is an older one that is still valid for long enough: why there is no newer one. */
  readonly stale?: EcrTokenError | undefined;
}

/** What one caller wants. */
export interface EcrTokenRequest extends WaitLimits {
  /** Asks AWS even if the cached token is young or AWS has just failed. Joins a call that is in progress. */
  readonly forceRefresh?: boolean | undefined;
  /**
   * Asks for a token that AWS issued within this time. AWS is asked at most once in it, however many callers ask: after
   * a call that failed, the cached token is given as `stale` for the rest of the time, if it may be.
   */
  readonly issuedWithin?: Milliseconds | undefined;
  /**
   * If the last call failed, gives the cached token as `stale`, or the error of that call, without waiting for the next
   * call. It begins that call if the pause after the failure is over.
   */
  readonly unlessFailing?: boolean | undefined;
}

/**
 * One token for all callers: at most one call at a time, reuse while it is young, and the last good one in an outage.
 */
export class TokenCache {
  readonly #options: TokenRenewalOptions;
  readonly #renewal: TokenRenewal;

  constructor(options: TokenRenewalOptions) {
    this.#options = options;
    this.#renewal = new TokenRenewal(options);
  }

  async get({
    forceRefresh = false,
    issuedWithin,
    unlessFailing = false,
    ...limits
  }: EcrTokenRequest = {}): Promise<EcrTokenResult> {
    const { held, failure } = this.#renewal;
    if (!forceRefresh) {
      if (held && this.#isFresh(held, issuedWithin)) return { token: held.token };
      const isHeldBack = failure !== undefined && this.#isHeldBack(failure, issuedWithin);
      // The timer tries again soon only if there is no young token.
      if (failure && unlessFailing && !isHeldBack) this.#renewal.join();
      if (failure && (unlessFailing || isHeldBack)) return this.#bridge(failure.error);
    }
    try {
      return { token: await this.#renewed(limits) };
    } catch (error) {
      // A renewal, and waiting for it, reject with nothing but an EcrTokenError.
      return this.#waitOn(error, limits);
    }
  }

  /** The cached token, unless it has expired. */
  peek(): EcrToken | undefined {
    const token = this.#renewal.held?.token;
    return token && token.expiresAt.getTime() > this.#options.now() ? token : undefined;
  }

  /** Forgets the token and the last failure. */
  invalidate(): void {
    this.#renewal.forget();
  }

  /** Stops the timer. Callers are still served. */
  close(): void {
    this.#renewal.close();
  }

  /**
   * Waits for the call in progress. If the cached token can be used instead, it waits no longer than `patience`
   * after the call began.
   *
   * @throws NotYet after that
   */
  #renewed(limits: WaitLimits): Promise<EcrToken> {
    const { monotonic, policy } = this.#options;
    const { token, began } = this.#renewal.join();
    if (this.#usable() === undefined) return waitFor(token, limits);
    const patience = began + policy.patience - monotonic();
    if (patience <= 0) throw this.#notYet();
    return patience < (limits.timeout ?? Infinity)
      ? waitFor(token, { ...limits, timeout: patience }, () => this.#notYet(patience))
      : waitFor(token, limits);
  }

  /** Falls back to the cached token. If that became too old while the caller waited, goes on waiting. */
  async #waitOn(error: unknown, { timeout = Infinity, ...limits }: WaitLimits): Promise<EcrTokenResult> {
    if (!(error instanceof NotYet) || this.#usable() !== undefined)
      return this.#bridge(error as EcrTokenError);
    const { token } = this.#renewal.join();
    return { token: await waitFor(token, { ...limits, timeout: timeout - error.waited }) };
  }

  #isFresh(held: HeldToken, issuedWithin: Milliseconds | undefined): boolean {
    const { now, policy } = this.#options;
    if (issuedWithin === undefined) return isYoung(held, now(), policy);
    return isAskedWithin(held, now(), issuedWithin);
  }

  #isHeldBack({ at, until }: Failure, issuedWithin = 0): boolean {
    const time = this.#options.monotonic();
    // Without a token to fall back to, callers gain nothing from a longer pause than usual.
    return time < until || (time - at < issuedWithin && this.#usable() !== undefined);
  }

  #bridge(error: EcrTokenError): EcrTokenResult {
    const token = this.#usable();
    if (token === undefined) throw error;
    return { token, stale: error };
  }

  /** The cached token, if it may be used if a call fails. */
  #usable(): EcrToken | undefined {
    const { now, policy } = this.#options;
    const token = this.#renewal.held?.token;
    return token && isUsable(token, now(), policy) ? token : undefined;
  }

  #notYet(waited: Milliseconds = 0): NotYet {
    return new NotYet(waited, {
      code: 'timeout',
      message: `AWS has not answered within ${this.#options.policy.patience / 1000} s`,
      remedy: 'check the network, HTTPS_PROXY and NO_PROXY; the answer is used if it still comes',
    });
  }
}

/** A call has taken longer than `patience`. It goes on. */
class NotYet extends EcrTokenError {
  constructor(
    /** How long the caller has waited. */
    readonly waited: Milliseconds,
    init: EcrTokenErrorInit,
  ) {
    super(init);
  }
}
