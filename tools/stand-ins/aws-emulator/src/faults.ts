/** Something that goes wrong on order. */
export type Fault =
  /** The answer comes late. */
  | { readonly kind: 'latency'; readonly milliseconds: number }
  /** AWS's clock is so far ahead of the emulator's (behind, if negative). */
  | { readonly kind: 'clock-skew'; readonly milliseconds: number }
  /** `ThrottlingException`, as ECR says it, or `Throttling`, as STS does. */
  | { readonly kind: 'throttle' }
  | { readonly kind: 'access-denied' }
  /** A 500. */
  | { readonly kind: 'server-error' }
  /** The connection is cut. */
  | { readonly kind: 'reset' }
  /** The request is taken and never answered. */
  | { readonly kind: 'black-hole' }
  /** A 200 whose body is no answer. */
  | { readonly kind: 'malformed' }
  /** The answer holds a token that has already ended. */
  | { readonly kind: 'expired-token' };

/** When a fault strikes. */
export interface FaultScope {
  /** Only this operation, such as `GetAuthorizationToken`; every AWS operation without it. */
  readonly operation?: string | undefined;
  /** Only the next so many calls. */
  readonly times?: number | undefined;
  /** With this probability, by the emulator's own seeded generator. */
  readonly probability?: number | undefined;
}

/** The faults that are on order. */
export class Faults {
  #orders: { fault: Fault; scope: FaultScope; left: number }[] = [];

  constructor(private readonly random: () => number) {}

  /** Orders a fault, ahead of those ordered before; `undefined` calls all of them off. */
  order(fault: Fault | undefined, scope: FaultScope = {}): void {
    if (fault === undefined) this.#orders = [];
    else this.#orders.unshift({ fault, scope, left: scope.times ?? Infinity });
  }

  /** The fault that strikes this call, if any: of several, the one ordered last. */
  strike(operation: string): Fault | undefined {
    const order = this.#orders.find(
      ({ scope }) =>
        (scope.operation === undefined || scope.operation === operation) &&
        (scope.probability === undefined || this.random() < scope.probability),
    );
    if (order === undefined) return undefined;
    order.left -= 1;
    if (order.left <= 0) this.#orders = this.#orders.filter((other) => other !== order);
    return order.fault;
  }
}

/** A small seeded generator (mulberry32): the same faults in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
