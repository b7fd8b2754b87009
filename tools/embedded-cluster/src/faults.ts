import { ApiError } from './api-error.ts';
import { expired } from './storage/continue-token.ts';

/** Something that goes wrong on order. */
export type ApiFault =
  /** An answer of the API server's own: 429 or 503 with `Retry-After`, 409, 500, 504. */
  | { readonly kind: 'status'; readonly code: number; readonly retryAfterSeconds?: number }
  /** A continue token is too old; strikes only pages after the first. */
  | { readonly kind: 'expired-continue' }
  /** The connection is cut before anything is done. */
  | { readonly kind: 'reset' }
  /** The request is carried out, and the connection cut where the answer was due. */
  | { readonly kind: 'lost-answer' }
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
        (scope.path === undefined || matches(scope.path, url.pathname + url.search)) &&
        (fault.kind !== 'expired-continue' || url.searchParams.has('continue')) &&
        (scope.probability === undefined || this.random() < scope.probability),
    );
    if (order === undefined) return undefined;
    order.left -= 1;
    return order.fault;
  }
}

const WORDS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  409: [
    'Conflict',
    'Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again',
  ],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  500: ['InternalError', 'Internal error occurred: etcdserver: leader changed'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

/** The answer that a fault stands for, if it stands for one. */
export function faultyAnswer(fault: ApiFault | undefined, url: URL): ApiError | undefined {
  if (fault?.kind === 'expired-continue') return expired(url.searchParams.get('continue') ?? '');
  if (fault?.kind !== 'status') return undefined;
  const { code, retryAfterSeconds } = fault;
  const [reason, message] = WORDS[code] ?? ['', 'an error that was ordered'];
  return new ApiError(
    code,
    reason,
    message,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );
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

/** Whatever flags an expression has: `g` would make it remember where it was. */
function matches({ source, flags }: RegExp, text: string): boolean {
  return new RegExp(source, flags.replace(/[gy]/g, '')).test(text);
}
