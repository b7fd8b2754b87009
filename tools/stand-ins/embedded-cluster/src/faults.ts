import { ApiError } from './objects/api-error.ts';
import { expired } from './storage/continue-token.ts';

/** A fault that a test orders. */
export type ApiFault =
  /** The API server answers with this status, such as 429 with `Retry-After`. */
  | { readonly kind: 'status'; readonly code: number; readonly retryAfterSeconds?: number }
  /** The continue token is too old. Applies only to pages after the first. */
  | { readonly kind: 'expired-continue' }
  /** The connection is closed before the request is carried out. */
  | { readonly kind: 'reset' }
  /** The request is carried out. Then the connection is closed instead of an answer. */
  | { readonly kind: 'lost-answer' }
  | { readonly kind: 'latency'; readonly milliseconds: number };

/** The requests that a fault applies to. */
export interface ApiFaultScope {
  /** `GET`, `POST`, `PUT`, `PATCH`, `DELETE`. */
  readonly method?: string;
  /** Tested against path and query. */
  readonly path?: RegExp;
  /** How many requests it applies to; all by default. */
  readonly times?: number;
  readonly probability?: number;
}

/** The faults that are ordered. */
export class ApiFaults {
  #orders: { fault: ApiFault; scope: ApiFaultScope; left: number }[] = [];

  constructor(private readonly random: () => number) {}

  /** Orders a fault. Without an argument, cancels all of them. */
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
  409: ['Conflict', 'Operation cannot be fulfilled: the object has been modified'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  500: ['InternalError', 'Internal error occurred: etcdserver: leader changed'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

/** The answer of a fault that is an answer. */
export function faultyAnswer(fault: ApiFault | undefined, url: URL): ApiError | undefined {
  if (fault?.kind === 'expired-continue') return expired(url.searchParams.get('continue') ?? '');
  if (fault?.kind !== 'status') return undefined;
  const { code, retryAfterSeconds } = fault;
  const [reason, message] = WORDS[code] ?? ['', 'an ordered fault'];
  return new ApiError(
    code,
    reason,
    message,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );
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

/** Without the flags `g` and `y`, which make an expression remember its last match. */
function matches({ source, flags }: RegExp, text: string): boolean {
  return new RegExp(source, flags.replace(/[gy]/g, '')).test(text);
}
