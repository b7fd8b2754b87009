import type { Milliseconds } from '../settings/milliseconds.ts';

/** The two clocks of this machine. */
export interface LocalClocks {
  /** Milliseconds since 1970. It may be wrong, and somebody may set it at any moment. */
  readonly clock: () => number;
  /** Milliseconds since any moment. Nobody sets it, but it may stand still while the machine sleeps. */
  readonly monotonic: () => number;
}

/**
 * A smaller difference is none. AWS tells whole seconds, and an answer may be on its way for as long as one may take: 8 s
 * by default. A clock that was off has to come closer than that, so that it is not told of again and again.
 */
const RESOLUTION: Milliseconds = 10_000;
const CLOSE: Milliseconds = RESOLUTION / 2;

/**
 * What time it is at AWS, as far as its answers have told; before the first one, by this machine's clock.
 *
 * Between two answers it goes on with the monotonic clock. That one stands still while the machine sleeps; so where the
 * wall clock has gone further, this clock follows. It does not where the wall clock comes to show the same as this one:
 * then somebody has put it right.
 *
 * A wall clock that somebody sets forward to a wrong time looks like sleep. Then this clock runs ahead until the next
 * answer: what ends seems to end sooner, and AWS is asked sooner. To be behind would do more harm: an ended token would
 * pass for a good one.
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
    const { aws, clock, monotonic } = this.#last;
    const wall = this.#local.clock();
    const awake = aws + this.#local.monotonic() - monotonic;
    const isPutRight = Math.abs(wall - awake) < RESOLUTION;
    return Math.floor(isPutRight ? awake : Math.max(awake, aws + wall - clock));
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
    const isOff = Math.abs(offset) >= (this.#isOff ? CLOSE : RESOLUTION);
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
