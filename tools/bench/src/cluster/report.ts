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
  console.log(`${machine} Load when it began: ${load.map((value) => number(value, 1)).join(', ')}.`);
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
  ]);
  for (const { count, concurrency, ours, bare, none } of series) {
    const sides = { 'ECR Anywhere': ours, bare, none: [none] };
    for (const [name, rounds] of Object.entries(sides))
      row([number(count, 0), String(concurrency), name, ...details(rounds)]);
  }
  const admissions = series.reduce((sum, { count, ours }) => sum + count * ours.length, 0);
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
  ];
}

/** The median, and the least and the most. */
function spread(values: readonly number[], digits: number): string {
  return `${number(median(values), digits)} (${number(Math.min(...values), digits)}–${number(Math.max(...values), digits)})`;
}
