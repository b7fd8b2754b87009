import type { Milliseconds } from '../settings/milliseconds.ts';

/** The two clocks of this machine. */
export interface LocalClocks {
  /** Milliseconds since 1970. It may be wrong, and somebody may set it at any moment. */
  readonly clock: () => number;
  /** Milliseconds since any moment. Nobody sets it, but it may stand still while the machine sleeps. */
  readonly monotonic: () => number;
}

/**
 * Smaller differences are ignored: AWS sends whole seconds, and an answer may take 8 s to arrive. A clock that was off
 * has to come closer than that to count as right, so that one on the border is not reported again and again.
 */
const RESOLUTION: Milliseconds = 10_000;
const CLOSE: Milliseconds = RESOLUTION / 2;

/**
 * The time at AWS, learned from its answers. Before the first answer it is the time of this machine.
 *
 * Between two answers it follows the monotonic clock. The monotonic clock stops while the machine sleeps, so if the
 * wall clock has advanced further, this clock follows the wall clock. There is one exception: if the wall clock now
 * shows the same time as this clock, somebody has corrected it.
 *
 * A wall clock that somebody sets forward to a wrong time looks like sleep. This clock is then ahead until the next
 * answer, tokens seem to expire sooner, and AWS is asked sooner. Being behind would be worse: an expired token would
 * look valid.
 */
export class AwsClock {
  readonly #local: LocalClocks;
  readonly #onOff: ((offset: Milliseconds) => void) | undefined;
  #last: { readonly aws: number; readonly clock: number; readonly monotonic: number };
  #isOff = false;
  #isHeard = false;

  /** @param onOff - called once when this machine's clock turns out to be off, with what has to be added to it. */
  constructor(local: LocalClocks, onOff?: (offset: Milliseconds) => void) {
    this.#local = local;
    this.#onOff = onOff;
    this.#last = this.#now(0);
  }

  /** Whole milliseconds since 1970. */
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

  /** Whether an answer of AWS has set this clock; otherwise it shows the time of this machine. */
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
