import type { ECRClient } from '@aws-sdk/client-ecr';
import type { Milliseconds } from './aws/client-options.ts';

/** The two clocks of this machine. */
export interface LocalClocks {
  /** Milliseconds since 1970. It may be wrong, and somebody may set it at any moment. */
  readonly clock: () => number;
  /** Milliseconds since any moment. Nobody sets it, but it may stand still while the machine sleeps. */
  readonly monotonic: () => number;
}

/**
 * A smaller difference is none. AWS tells whole seconds, and an answer may be on its way for as long as one may take: 8 s
 * by default.
 */
const RESOLUTION: Milliseconds = 10_000;

/**
 * What time it is at AWS, as far as its answers have told; before the first one, by this machine's clock.
 *
 * Between two answers it goes on with whichever of the machine's clocks is further on. So it stays right where the wall
 * clock is set back, and where the machine has slept. Where the wall clock is set forward it runs ahead until the next
 * answer. That does no harm: what ends seems to end sooner, and AWS is asked sooner. To be behind would: an ended token
 * would pass for good, and a good expiry for one that no token can have.
 */
export class AwsClock {
  readonly #local: LocalClocks;
  readonly #onOff: ((offset: Milliseconds) => void) | undefined;
  #last: { readonly aws: number; readonly clock: number; readonly monotonic: number };
  #isOff = false;
  #isHeard = false;

  /** @param onOff - told once when this machine's clock turns out to be off, with what has to be added to it. */
  constructor(local: LocalClocks, onOff?: (offset: Milliseconds) => void) {
    this.#local = local;
    this.#onOff = onOff;
    this.#last = this.#now(0);
  }

  /** Milliseconds since 1970, whole ones. */
  now(): number {
    const { clock, monotonic } = this.#local;
    const { aws, ...last } = this.#last;
    return Math.floor(aws + Math.max(clock() - last.clock, monotonic() - last.monotonic));
  }

  /** What has to be added to this machine's clock to get AWS's. */
  get offset(): Milliseconds {
    return this.now() - this.#local.clock();
  }

  /** Whether AWS has ever told the time; otherwise it is this machine's. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** Takes the time from the `Date` header of an answer. */
  hear(date: string | undefined): void {
    const offset = Date.parse(date ?? '') - this.#local.clock();
    if (Number.isNaN(offset)) return;
    const isOff = Math.abs(offset) >= RESOLUTION;
    this.#last = this.#now(isOff ? offset : 0);
    if (isOff && !this.#isOff) this.#onOff?.(offset);
    this.#isOff = isOff;
    this.#isHeard = true;
  }

  #now(offset: Milliseconds) {
    const clock = this.#local.clock();
    return { aws: clock + offset, clock, monotonic: this.#local.monotonic() };
  }
}

/**
 * Lets `clock` hear every answer that `client` gets, refusals included. The SDK itself hears them too, but also those of
 * whoever stands in between, such as a proxy with a page of its own: only AWS gives its requests an id.
 */
export function hearAnswers(client: ECRClient, clock: AwsClock): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers = {} } = result.response as { headers?: Readonly<Record<string, string>> };
      // An answer with an age comes from somebody's cache.
      if ('x-amzn-requestid' in headers && !('age' in headers)) clock.hear(headers['date']);
      return result;
    },
    // Inside of what turns a refusal into an exception.
    { step: 'deserialize', priority: 'low' },
  );
}
