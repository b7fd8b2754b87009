import type { Milliseconds } from '../settings/milliseconds.ts';
import { waitFor, type WaitLimits } from './deadline.ts';
import type { EcrToken } from './token.ts';
import { EcrTokenError, type EcrTokenErrorInit } from '../errors/error.ts';
import { isAskedWithin, isUsable, isYoung, type HeldToken } from './policy.ts';
import { TokenRenewal, type Failure, type TokenRenewalOptions } from './renewal.ts';

/** What a caller gets. */
export interface EcrTokenResult {
  readonly token: EcrToken;
  /** Why it is an older one: renewing it failed, or takes its time, and this one still has enough life. */
  readonly stale?: EcrTokenError | undefined;
}

/** What one caller wants. */
export interface EcrTokenRequest extends WaitLimits {
  /** Asks AWS even if the token at hand is young or AWS has just failed; joins a call that is under way. */
  readonly forceRefresh?: boolean | undefined;
  /**
   * Wants a token that AWS gave within the last so many milliseconds; the one at hand may be young and still too old.
   * A call within that time that failed counts as well: until it is over, the token at hand is given as `stale`, where
   * it may be. So AWS is asked once in that time, however many ask for it.
   */
  readonly issuedWithin?: Milliseconds | undefined;
}

/** One token, shared by all callers: one call in flight, reuse while young, the last good one through an outage. */
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
    ...limits
  }: EcrTokenRequest = {}): Promise<EcrTokenResult> {
    const { held, failure } = this.#renewal;
    if (!forceRefresh) {
      if (held && this.#isFresh(held, issuedWithin)) return { token: held.token };
      if (failure && this.#isHeldBack(failure, issuedWithin)) return this.#bridge(failure.error);
    }
    try {
      return { token: await this.#renewed(limits) };
    } catch (error) {
      // Nothing but an EcrTokenError comes from a renewal and from waiting for it.
      return this.#waitOn(error, limits);
    }
  }

  /** The token at hand, unless it has ended. */
  peek(): EcrToken | undefined {
    const token = this.#renewal.held?.token;
    return token && token.expiresAt.getTime() > this.#options.now() ? token : undefined;
  }

  /** Forgets the token and the last failure. */
  invalidate(): void {
    this.#renewal.forget();
  }

  /** Stops renewing ahead. Callers are still served. */
  close(): void {
    this.#renewal.close();
  }

  /**
   * Waits for the call under way; not for long where the token at hand bridges, counted from the beginning of the call.
   *
   * @throws at once where it has taken too long already
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

  /** Waits on, where the token at hand has got too old to bridge while a caller was patient. */
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
    // Nobody is helped by a longer pause than usual where nothing bridges it.
    return time < until || (time - at < issuedWithin && this.#usable() !== undefined);
  }

  #bridge(error: EcrTokenError): EcrTokenResult {
    const token = this.#usable();
    if (token === undefined) throw error;
    return { token, stale: error };
  }

  /** The token at hand, where it may bridge. */
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

/** A call has taken longer than callers are patient, and goes on. */
class NotYet extends EcrTokenError {
  constructor(
    /** How long the caller has waited for it. */
    readonly waited: Milliseconds,
    init: EcrTokenErrorInit,
  ) {
    super(init);
  }
}
