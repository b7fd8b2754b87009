import { toEcrTokenError } from './aws/classify-error.ts';
import type { Milliseconds } from './aws/client-options.ts';
import { withDeadline } from './deadline.ts';
import type { EcrToken } from './ecr-token.ts';
import { EcrTokenError } from './errors.ts';
import { failurePause, renewalDelay, type TokenPolicy } from './token-policy.ts';

/** What a renewal is made of. */
export interface TokenRenewalOptions {
  readonly issue: (signal: AbortSignal) => Promise<EcrToken>;
  readonly policy: TokenPolicy;
  /** For one attempt, everything included. */
  readonly timeout: Milliseconds;
  /** Whether tokens are renewed by a timer, ahead of need. */
  readonly renewAhead: boolean;
  /** AWS's time, by which tokens are judged: milliseconds since 1970. */
  readonly now: () => number;
  /** Measures how long something takes: milliseconds since any moment. */
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly onRenewed?: ((token: EcrToken) => void) | undefined;
  readonly onFailed?: ((error: EcrTokenError) => void) | undefined;
}

/** An attempt that is under way. */
export interface Attempt {
  readonly token: Promise<EcrToken>;
  /** When it began, by the monotonic clock. */
  readonly began: number;
}

/** The last attempt, where it failed. Its times are of the monotonic clock. */
export interface Failure {
  readonly error: EcrTokenError;
  /** How many have failed in a row. */
  readonly count: number;
  readonly at: number;
  /** Until then it is not tried again, unless by force. */
  readonly until: number;
}

/** Renews one token: one attempt at a time, by a timer ahead of need, and again after a failure. */
export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  #token: EcrToken | undefined;
  #failure: Failure | undefined;
  #attempt: Attempt | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TokenRenewalOptions) {
    this.#options = options;
  }

  /** The last token, whatever its age. */
  get token(): EcrToken | undefined {
    return this.#token;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** The attempt that is under way; where there is none, it begins. */
  join(): Attempt {
    if (this.#attempt) return this.#attempt;
    const began = this.#options.monotonic();
    const token = this.#renew().finally(() => {
      this.#attempt = undefined;
    });
    token.catch(() => undefined); // whoever waits hears of it; nobody has to wait
    return (this.#attempt = { token, began });
  }

  /** Forgets the token and the last failure. */
  forget(): void {
    this.#token = undefined;
    this.#failure = undefined;
  }

  /** Stops the timer. Whoever joins has AWS asked all the same. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #renew(): Promise<EcrToken> {
    const { issue, timeout, policy, now, monotonic, random, onRenewed, onFailed } = this.#options;
    try {
      const token = await withDeadline(timeout, issue);
      if (this.#token && token.expiresAt < this.#token.expiresAt) throw endsSooner(token);
      this.#token = token;
      this.#failure = undefined;
      this.#renewAfter(renewalDelay(token, now(), policy, random()));
      onRenewed?.(token);
      return token;
    } catch (cause) {
      const error = toEcrTokenError(cause, { service: 'ecr', operation: 'GetAuthorizationToken' });
      const count = (this.#failure?.count ?? 0) + 1;
      const pause = failurePause(count, policy, random());
      const at = monotonic();
      this.#failure = { error, count, at, until: at + pause };
      this.#renewAfter(pause);
      onFailed?.(error);
      throw error;
    }
  }

  #renewAfter(delay: Milliseconds): void {
    clearTimeout(this.#timer);
    if (!this.#options.renewAhead || this.#closed) return;
    this.#timer = setTimeout(() => this.join(), delay);
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
