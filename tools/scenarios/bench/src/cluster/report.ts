import { median } from '../load.ts';
import { heading, number, row, table } from '../table.ts';
import type { Round } from './round.ts';

/** A round with our webhook, and the next one with the bare webhook. */
export interface Pair {
  readonly ours: Round;
  readonly bare: Round;
}

/** Rounds under the same conditions. */
export interface Series {
  readonly count: number;
  readonly concurrency: number;
  /** The rounds on a quiet machine; all rounds if hardly any was quiet. */
  readonly pairs: readonly Pair[];
  readonly tried: number;
  /** One round without a webhook. */
  readonly none: Round;
}

/** All that was measured. */
export interface Results {
  readonly machine: string;
  readonly load: readonly number[];
  /** The latency of ECR in milliseconds. */
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
      'number of replicas, limits and match conditions. Rates count from the first PATCH to the last. Medians over pairs of rounds, one of each, with the least and the most; pairs do not count during which all else on the machine took more than a quarter of it.\n',
  );
  console.log(
    `${machine} Everything runs on it. Its load when it began: ${load.map((value) => number(value, 1)).join(', ')}.`,
  );
  heading('Secrets per second');
  table(['Secrets', 'at a time', 'ECR Anywhere', 'bare webhook', 'no webhook', 'ratio to bare', 'pairs']);
  for (const { count, concurrency, pairs, tried, none } of series) {
    const rate = (side: keyof Pair) => pairs.map((pair) => pair[side].secretsPerSecond);
    row([
      number(count, 0),
      String(concurrency),
      spread(rate('ours'), 0),
      spread(rate('bare'), 0),
      number(none.secretsPerSecond, 0),
      spread(
        pairs.map(({ ours, bare }) => ours.secretsPerSecond / bare.secretsPerSecond),
        2,
      ),
      `${pairs.length} of ${tried}`,
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
  for (const { count, concurrency, pairs, none } of series) {
    const sides = {
      'ECR Anywhere': pairs.map(({ ours }) => ours),
      bare: pairs.map(({ bare }) => bare),
      none: [none],
    };
    for (const [name, rounds] of Object.entries(sides))
      row([number(count, 0), String(concurrency), name, ...details(rounds)]);
  }
  const admissions = series.reduce((sum, { count, tried }) => sum + count * tried, 0);
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
    range(rounds.map((round) => round.webhookPeak / 1e6)),
    range(rounds.map((round) => round.refresherPeak / 1e6)),
    of(({ cpu }) => cpu.webhook, 2),
    of(({ cpu }) => cpu.apiServer, 2),
    of(({ cpu }) => cpu.etcd, 2),
    of(({ cpu }) => cpu.refresher, 2),
    of(({ cpu }) => cpu.webhook + cpu.apiServer + cpu.etcd + cpu.refresher, 2),
    of((round) => round.otherWork * 100, 0),
  ];
}

function range(values: readonly number[]): string {
  const most = Math.max(...values);
  return most === 0 ? '–' : `${number(Math.min(...values), 0)}–${number(most, 0)}`;
}

/** The median, the minimum and the maximum. */
function spread(values: readonly number[], digits: number): string {
  return `${number(median(values), digits)} (${number(Math.min(...values), digits)}–${number(Math.max(...values), digits)})`;
}
