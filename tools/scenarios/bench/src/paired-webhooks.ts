import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  createCertificateAuthority,
  eventually,
  startReplica,
  type CertificateAuthority,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { connect, median, quantile, type Client } from './load.ts';
import { reviews } from './reviews.ts';
import { number } from './table.ts';
import { cpuTime } from './webhook-bench.ts';

/** Reviews at a time. */
const LANES = 8;
const ROUND = 5_000;
/** Until then, V8 still compiles. */
const WARM_UP = 20_000;

/** A webhook that is compared with others, with an AWS emulator of its own. */
export interface Case {
  readonly name: string;
  /** Its environment, beside what names AWS and the keys. Files may be put into the folder. */
  env(folder: string): Promise<Readonly<Record<string, string>>>;
  /** Before the webhook starts. */
  prepare?(aws: AwsEmulator): void;
  /** The annotations of the Secret in a review. */
  annotations?(index: number): Readonly<Record<string, string>>;
  /** Whether the webhook has all tokens that it will have, by its metrics. */
  isWarm(metrics: string): boolean;
}

/** A webhook that runs, and what was measured. */
export interface Side {
  readonly name: string;
  readonly aws: AwsEmulator;
  readonly replica: Replica;
  readonly client: Client;
  readonly bodies: readonly string[];
  /** Its resident memory before the first review, in megabytes. */
  readonly idle: number;
  /** One for each round. */
  readonly results: Result[];
}

/** What an admission took in a round, in milliseconds. */
export interface Result {
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly count: number;
}

/** Sends reviews to all webhooks in turns, for some rounds, and reports. The others are compared with the first one. */
export async function compareWebhooks(
  cases: readonly Case[],
  rounds: number,
  report: (sides: readonly Side[]) => Promise<void>,
): Promise<void> {
  const before = loadavg();
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const authority = await createCertificateAuthority('bench');
  const sides: Side[] = [];
  try {
    for (const one of cases) sides.push(await start(one, authority, join(folder, one.name)));
    await admit(sides, WARM_UP);
    for (let round = 0; round < rounds; round++) {
      for (const { side, result } of await admit(sides, ROUND)) side.results.push(result);
    }
    await report(sides);
    const total = sides[0]?.results.reduce((sum, { count }) => sum + count, 0) ?? 0;
    const loads = [before, loadavg()].map(([minute = 0]) => number(minute, 1));
    console.log(
      `\n${rounds} rounds of ${ROUND / 1000} s each, ${number(total, 0)} admissions by each webhook, in turns, ${LANES} at a time over all of them. ` +
        `Load of the machine when it began and ended: ${loads.join(' and ')}.`,
    );
  } finally {
    for (const { client, replica, aws } of sides) {
      await client.close();
      await replica.program.stop();
      await aws.stop();
    }
    await rm(folder, { recursive: true, force: true });
  }
}

/** The ratio to the first side in a round: median (least–most). */
export function ratios({ results }: Side, [first]: readonly Side[], of: (result: Result) => number): string {
  const each = results.map((result, round) => of(result) / of(first?.results[round] ?? result));
  return `${number(median(each), 2)} (${number(Math.min(...each), 2)}–${number(Math.max(...each), 2)})`;
}

/** The median over the rounds. */
export function typical({ results }: Side, of: (result: Result) => number, digits: number): string {
  return number(median(results.map(of)), digits);
}

/** Memory of the process in megabytes. Linux only. */
export async function memory({ program }: Replica, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024) / 1e6;
}

/**
 * Sends reviews to all webhooks, to one after the other in each lane. So whatever else the machine does, it does to all of
 * them.
 */
async function admit(
  sides: readonly Side[],
  milliseconds: number,
): Promise<readonly { readonly side: Side; readonly result: Result }[]> {
  const cpuOf = ({ replica }: Side) => cpuTime(replica.program.pid);
  const all = await Promise.all(
    sides.map(async (side) => ({ side, times: [] as number[], cpuBefore: await cpuOf(side) })),
  );
  const end = performance.now() + milliseconds;
  let next = 0;
  const lane = async (first: number) => {
    const turns = [...all.slice(first), ...all.slice(0, first)];
    while (performance.now() < end) {
      for (const { side, times } of turns)
        times.push(await side.client.post(side.bodies[next++ % side.bodies.length] ?? ''));
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index % all.length)));
  return Promise.all(
    all.map(async ({ side, times, cpuBefore }) => {
      const cpu = ((await cpuOf(side)) - cpuBefore) / times.length;
      times.sort((one, other) => one - other);
      const result = { p50: quantile(times, 0.5), p99: quantile(times, 0.99), cpu, count: times.length };
      return { side, result };
    }),
  );
}

async function start(one: Case, authority: CertificateAuthority, folder: string): Promise<Side> {
  const aws = await startAwsEmulator();
  one.prepare?.(aws);
  await mkdir(folder);
  const replica = await startReplica(
    authority,
    folder,
    {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
      SHUTDOWN_DELAY: '0s',
      ...(await one.env(folder)),
    },
    { outputFile: join(folder, 'log') }, // this process is busy with the load
  );
  await eventually(
    'the webhook has its tokens',
    async () => one.isWarm(await (await fetch(replica.metricsUrl)).text()),
    { within: 60_000 },
  );
  const bodies = reviews(1_000, one.annotations && ((index) => one.annotations?.(index) ?? {}));
  const url = `https://127.0.0.1:${replica.port}/sync?timeout=10s`;
  const client = connect({ url, ca: authority.cert, connections: LANES });
  const idle = await memory(replica, 'VmRSS');
  return { name: one.name, aws, replica, client, bodies, idle, results: [] };
}
