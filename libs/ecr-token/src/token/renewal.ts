import type { EcrTokenError } from '../errors/error.ts';
import type { Milliseconds } from '../settings/milliseconds.ts';
import { withDeadline } from './deadline.ts';
import { failurePause, isYoung, renewalDelay, type HeldToken, type TokenPolicy } from './policy.ts';
import type { EcrToken } from './token.ts';

/** What a renewal is made of. */
export interface TokenRenewalOptions {
  /** Asks for a token. Rejects with an `EcrTokenError` and nothing else. */
  readonly issue: (signal: AbortSignal) => Promise<EcrToken>;
  readonly policy: TokenPolicy;
  /** For one attempt, from the identity to the token. */
  readonly timeout: Milliseconds;
  /** Whether a timer renews tokens before a caller needs them. */
  readonly renewAhead: boolean;
  /** The time at AWS, by which tokens expire, in milliseconds since 1970. */
  readonly now: () => number;
  /** Measures how long something takes: milliseconds since any moment. */
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly onRenewed?: ((token: EcrToken) => void) | undefined;
  readonly onFailed?: ((error: EcrTokenError) => void) | undefined;
}

/** An attempt that is in progress. */
export interface Attempt {
  readonly token: Promise<EcrToken>;
  /** When it began, by the monotonic clock. */
  readonly began: number;
}

/** The last attempt, if it failed. Its times are of the monotonic clock. */
export interface Failure {
  readonly error: EcrTokenError;
  /** How many have failed in a row. */
  readonly count: number;
  readonly at: number;
  /** Until then AWS is not asked again, except with `forceRefresh`. */
  readonly until: number;
}

/** Renews one token: one attempt at a time, by a timer ahead of need, and again after a failure. */
export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  #held: HeldToken | undefined;
  #failure: Failure | undefined;
  #attempt: Attempt | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TokenRenewalOptions) {
    this.#options = options;
  }

  /** The cached token, whatever its age. */
  get held(): HeldToken | undefined {
    return this.#held;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The attempt in progress. Starts one if there is none. */
  join(): Attempt {
    if (this.#attempt) return this.#attempt;
    const began = this.#options.monotonic();
    const token = this.#renew(began).finally(() => {
      this.#attempt = undefined;
    });
    token.catch(() => undefined); // callers that wait get the rejection; there may be none
    return (this.#attempt = { token, began });
  }

  /** Forgets the token and the last failure. */
  forget(): void {
    this.#held = undefined;
    this.#failure = undefined;
  }

  /** Stops the timer. `join` still asks AWS. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #renew(began: number): Promise<EcrToken> {
    const { issue, timeout, policy, now, monotonic, random, onRenewed, onFailed } = this.#options;
    try {
      const token = this.#laterOf(await withDeadline(timeout, issue));
      const answeredAt = now();
      const held = { token, askedAt: answeredAt - (monotonic() - began), answeredAt };
      this.#held = held;
      this.#failure = undefined;
      this.#renewAfter(renewalDelay(held, answeredAt, policy, random()));
      onRenewed?.(token);
      return token;
    } catch (cause) {
      const error = cause as EcrTokenError; // see `issue`
      const count = (this.#failure?.count ?? 0) + 1;
      const pause = failurePause(count, policy, random());
      const at = monotonic();
      this.#failure = { error, count, at, until: at + pause };
      // A forced renewal may fail while the cached token is young. Then the next one comes when it would have come
      // anyway.
      const isInTime = this.#held !== undefined && isYoung(this.#held, now(), policy);
      this.#renewAfter(isInTime ? renewalDelay(this.#held as HeldToken, now(), policy, random()) : pause);
      onFailed?.(error);
      throw error;
    }
  }

  /** Keeps the cached token if it expires later: AWS may begin to issue tokens with a shorter life. */
  #laterOf(token: EcrToken): EcrToken {
    const held = this.#held?.token;
    return held && held.expiresAt > token.expiresAt ? held : token;
  }

  #renewAfter(delay: Milliseconds): void {
    clearTimeout(this.#timer);
    if (!this.#options.renewAhead || this.#closed) return;
    this.#timer = setTimeout(() => this.join(), delay);
    this.#timer.unref();
  }
}
