import type { Testbed } from './testbed.ts';

/** Counters of the control plane. Subtract two readings to get what happened in between. */
export interface ControlPlane {
  readonly apiServerCpuSeconds: number;
  readonly etcdCpuSeconds: number;
  /** The bytes of all writes to etcd. */
  readonly etcdBytes: number;
  readonly admissions: Histogram;
}

/** Calls of a webhook, from the API server's metrics. */
export interface Histogram {
  readonly count: number;
  readonly seconds: number;
  /** Cumulative buckets: the number of calls that took so many seconds or less. */
  readonly buckets: readonly { readonly upTo: number; readonly count: number }[];
}

const NO_CALLS: Histogram = { count: 0, seconds: 0, buckets: [] };
const ETCD = 'http://127.0.0.1:2379';

export async function readControlPlane(
  { kubectl }: Pick<Testbed, 'kubectl'>,
  webhook: string,
  etcdUrl = ETCD,
): Promise<ControlPlane> {
  const [apiServer, etcd] = await Promise.all([
    kubectl(['get', '--raw', '/metrics']),
    fetch(`${etcdUrl}/metrics`).then((answer) => answer.text()),
  ]);
  return {
    apiServerCpuSeconds: cpuSeconds(apiServer),
    etcdCpuSeconds: cpuSeconds(etcd),
    etcdBytes: Number(/^etcd_debugging_mvcc_total_put_size_in_bytes (\S+)$/m.exec(etcd)?.[1]),
    admissions: histogram(apiServer, webhook),
  };
}

function cpuSeconds(text: string): number {
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}

function histogram(text: string, webhook: string): Histogram {
  const metric = 'apiserver_admission_webhook_admission_duration_seconds';
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(metric) && line.includes(`name="${webhook}"`))
    .filter((line) => line.includes('operation="UPDATE"'));
  const value = (line: string | undefined) => Number(line?.split(' ').at(-1) ?? 0);
  if (lines.length === 0) return NO_CALLS;
  return {
    count: value(lines.find((line) => line.startsWith(`${metric}_count`))),
    seconds: value(lines.find((line) => line.startsWith(`${metric}_sum`))),
    buckets: lines
      .filter((line) => line.startsWith(`${metric}_bucket`))
      .map((line) => ({ upTo: bound(/le="([^"]+)"/.exec(line)?.[1]), count: value(line) })),
  };
}

function bound(le: string | undefined): number {
  return le === '+Inf' ? Infinity : Number(le);
}

/** The difference of two readings. */
export function between(before: Histogram, after: Histogram): Histogram {
  return {
    count: after.count - before.count,
    seconds: after.seconds - before.seconds,
    buckets: after.buckets.map(({ upTo, count }, index) => ({
      upTo,
      count: count - (before.buckets[index]?.count ?? 0),
    })),
  };
}

/** Like `histogram_quantile` of Prometheus: linear within a bucket. */
export function quantile({ buckets, count }: Histogram, part: number): number {
  const rank = count * part;
  const index = buckets.findIndex((bucket) => bucket.count >= rank);
  const { upTo: low, count: below } = buckets[index - 1] ?? { upTo: 0, count: 0 };
  const { upTo: high, count: within } = buckets[index] ?? { upTo: Number.NaN, count: Number.NaN };
  return low + ((high - low) * (rank - below)) / (within - below);
}
