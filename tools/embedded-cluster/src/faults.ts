/** Something that goes wrong on order. */
export type ApiFault =
  /** An answer of the API server's own: 429 or 503 with `Retry-After`, 409, 500, 504. */
  | { readonly kind: 'status'; readonly code: number; readonly retryAfterSeconds?: number }
  /** A continue token is too old; strikes only pages after the first. */
  | { readonly kind: 'expired-continue' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'latency'; readonly milliseconds: number };

/** When a fault strikes. */
export interface ApiFaultScope {
  /** `GET`, `POST`, `PUT`, `PATCH`, `DELETE`. */
  readonly method?: string;
  /** Tested against path and query. */
  readonly path?: RegExp;
  /** Only the next so many matching requests. */
  readonly times?: number;
  readonly probability?: number;
}

/** The faults that are on order. */
export class ApiFaults {
  #orders: { fault: ApiFault; scope: ApiFaultScope; left: number }[] = [];

  constructor(private readonly random: () => number) {}

  /** Orders a fault; without one, calls all of them off. */
  order(fault?: ApiFault, scope: ApiFaultScope = {}): void {
    if (fault === undefined) this.#orders = [];
    else this.#orders.push({ fault, scope, left: scope.times ?? Infinity });
  }

  strike(method: string, url: URL): ApiFault | undefined {
    const order = this.#orders.find(
      ({ fault, scope, left }) =>
        left > 0 &&
        (scope.method === undefined || scope.method === method) &&
        (scope.path === undefined || scope.path.test(url.pathname + url.search)) &&
        (fault.kind !== 'expired-continue' || url.searchParams.has('continue')) &&
        (scope.probability === undefined || this.random() < scope.probability),
    );
    if (order === undefined) return undefined;
    order.left -= 1;
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
