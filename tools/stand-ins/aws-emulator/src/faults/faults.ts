/** A fault that a test orders. */
export type Fault =
  /** The answer is delayed. */
  | { readonly kind: 'latency'; readonly milliseconds: number }
  /** AWS's clock is ahead of the emulator's, or behind if negative. */
  | { readonly kind: 'clock-skew'; readonly milliseconds: number }
  /** `ThrottlingException` of ECR, `Throttling` of STS. */
  | { readonly kind: 'throttle' }
  | { readonly kind: 'access-denied' }
  /** A 500. */
  | { readonly kind: 'server-error' }
  /** The connection is closed. */
  | { readonly kind: 'reset' }
  /** The request is never answered. */
  | { readonly kind: 'black-hole' }
  /** A 200 with an invalid body. */
  | { readonly kind: 'malformed' }
  /** The answer has a token that has already expired. */
  | { readonly kind: 'expired-token' };

/** The calls that a fault applies to. */
export interface FaultScope {
  /** An operation, such as `GetAuthorizationToken`; all AWS operations by default. */
  readonly operation?: string | undefined;
  /** A region, in which the call is signed; all by default. */
  readonly region?: string | undefined;
  /** The number of calls; all by default. */
  readonly times?: number | undefined;
  /** From 0 to 1, with the emulator's seeded generator. */
  readonly probability?: number | undefined;
}

/** The faults that are ordered. */
export class Faults {
  #orders: { fault: Fault; scope: FaultScope; left: number }[] = [];

  constructor(private readonly random: () => number) {}

  /** Orders a fault, which takes precedence over earlier ones. `undefined` cancels all of them. */
  order(fault: Fault | undefined, scope: FaultScope = {}): void {
    if (fault === undefined) this.#orders = [];
    else this.#orders.unshift({ fault, scope, left: scope.times ?? Infinity });
  }

  /** The fault that applies to this call. If there are several, the latest order applies. */
  strike(operation: string, region?: string): Fault | undefined {
    const order = this.#orders.find(
      ({ scope }) =>
        (scope.operation === undefined || scope.operation === operation) &&
        (scope.region === undefined || scope.region === region) &&
        (scope.probability === undefined || this.random() < scope.probability),
    );
    if (order === undefined) return undefined;
    order.left -= 1;
    if (order.left <= 0) this.#orders = this.#orders.filter((other) => other !== order);
    return order.fault;
  }
}

/** A small seeded generator (mulberry32), so that every run has the same faults. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
