import { median } from '../load.ts';
import { heading, number, row, table } from '../table.ts';
import type { Round } from './round.ts';

/** Rounds under the same conditions, ours and the bare one in turns. */
export interface Series {
  readonly count: number;
  readonly concurrency: number;
  readonly ours: readonly Round[];
  readonly bare: readonly Round[];
  /** One, with no webhook at all. */
  readonly none: Round;
}

/** All that was measured. */
export interface Results {
  readonly machine: string;
  readonly load: readonly number[];
  /** Of ECR, in milliseconds. */
  readonly latency: number;
  readonly replicas: number;
  readonly ecrCalls: number;
  readonly series: readonly Series[];
}

/** Prints the section of docs/performance.md. */
export function report({ machine, load, latency, replicas, ecrCalls, series }: Results): void {
  console.log('## On a real cluster\n');
  console.log(
    `\`npm run bench:cluster\`: the chart as it comes, with ${replicas} replicas, on a testbed of one node with a real kube-apiserver, etcd, kubelet and containerd. ` +
      'The refresher runs as a Job over managed Secrets in 20 namespaces, all of them due; in turns with it, the same Job over the same Secrets while the API server ' +
      'calls a bare Node webhook in place of ours. That one parses the review and answers a fixed patch that sets as much; it runs as Pods of the same image, with the same ' +
      'number of replicas, limits and match conditions. Rates count from the first PATCH to the last. Medians, with the least and the most.\n',
  );
  console.log(
    `${machine} Everything runs on it, and so did other work: load ${load.map((value) => number(value, 1)).join(', ')} when it began.`,
  );
  heading('Rate');
  table(['Secrets', 'at a time', 'ECR Anywhere, Secrets/s', 'bare webhook', 'no webhook', 'ratio to bare']);
  for (const { count, concurrency, ours, bare, none } of series) {
    const rate = (rounds: readonly Round[]) =>
      spread(
        rounds.map((round) => round.secretsPerSecond),
        0,
      );
    const ratios = ours.map(
      (round, index) => round.secretsPerSecond / (bare[index]?.secretsPerSecond ?? NaN),
    );
    row([
      number(count, 0),
      String(concurrency),
      rate(ours),
      rate(bare),
      number(none.secretsPerSecond, 0),
      spread(ratios, 2),
    ]);
  }
  heading('Admission, memory and CPU');
  table([
    'Secrets',
    'at a time',
    'webhook',
    'admission mean ms',
    'p99 ms',
    'peak MB a replica',
    'refresher',
    'CPU ms a Secret: webhook',
    'API server',
    'etcd',
    'refresher',
    'sum',
    'all else, % of the machine',
  ]);
  for (const { count, concurrency, ours, bare, none } of series) {
    const sides = { 'ECR Anywhere': ours, bare, none: [none] };
    for (const [name, rounds] of Object.entries(sides))
      row([number(count, 0), String(concurrency), name, ...details(rounds)]);
  }
  const admissions = series.reduce((sum, { count, ours }) => sum + count * ours.length, 0);
  console.log(
    '\nAdmission times are those of `apiserver_admission_webhook_admission_duration_seconds`; its buckets end at 5, 25, 100 and 500 ms, between which the 99th percentile is interpolated.',
  );
  console.log(
    `\n${number(ecrCalls, 0)} calls to ECR, which answers in ${latency} ms, by ${replicas} replicas for ${number(admissions, 0)} measured admissions and those before.`,
  );
}

function details(rounds: readonly Round[]): string[] {
  const of = (value: (round: Round) => number, digits: number) => {
    const middle = median(rounds.map(value));
    return Number.isNaN(middle) || middle === 0 ? '–' : number(middle, digits);
  };
  return [
    of((round) => round.admissionMean, 1),
    of((round) => round.admissionP99, 0),
    of((round) => round.webhookPeak / 1e6, 0),
    of((round) => round.refresherPeak / 1e6, 0),
    of(({ cpu }) => cpu.webhook, 2),
    of(({ cpu }) => cpu.apiServer, 2),
    of(({ cpu }) => cpu.etcd, 2),
    of(({ cpu }) => cpu.refresher, 2),
    of(({ cpu }) => cpu.webhook + cpu.apiServer + cpu.etcd + cpu.refresher, 2),
    of((round) => round.otherWork * 100, 0),
  ];
}

/** The median, and the least and the most. */
function spread(values: readonly number[], digits: number): string {
  return `${number(median(values), digits)} (${number(Math.min(...values), digits)}–${number(Math.max(...values), digits)})`;
}
