import { Pool } from 'undici';

/** The result of a load test. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
}

/** The load. */
export interface LoadOptions {
  readonly url: string;
  readonly ca: string;
  readonly connections: number;
  readonly milliseconds: number;
  readonly body: (index: number) => string;
}

/** Posts reviews to one server. */
export interface Client {
  /** @returns how long the answer took, in milliseconds @throws Error if it has no patch */
  post(body: string): Promise<number>;
  close(): Promise<void>;
}

/** Keep-alive TLS connections, with one request at a time on each. */
export function connect({ url, ca, connections }: Pick<LoadOptions, 'url' | 'ca' | 'connections'>): Client {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, { connect: { ca }, connections, pipelining: 1 });
  return {
    async post(body) {
      const sent = performance.now();
      const response = await pool.request({
        method: 'POST',
        path: pathname + search,
        headers: { 'content-type': 'application/json' },
        body,
      });
      const text = await response.body.text();
      if (response.statusCode !== 200 || !text.includes('"patch":'))
        throw new Error(`${url} answered ${text.slice(0, 200)}`);
      return performance.now() - sent;
    },
    close: () => pool.close(),
  };
}

/** Posts over all connections at once. It checks that each answer has a patch. */
export async function load({ milliseconds, body, ...options }: LoadOptions): Promise<LoadResult> {
  const client = connect(options);
  const times: number[] = [];
  const started = performance.now();
  const end = started + milliseconds;
  let next = 0;
  const lane = async () => {
    while (performance.now() < end) times.push(await client.post(body(next++)));
  };
  await Promise.all(Array.from({ length: options.connections }, lane));
  const seconds = (performance.now() - started) / 1000;
  await client.close();
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    requestsPerSecond: times.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  };
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** @param part - 0.5 for the median */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
