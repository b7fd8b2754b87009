import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
import { heading, number, row, table } from './table.ts';
import { cpuTime } from './webhook-bench.ts';

/** Reviews at a time. */
const LANES = 8;
const ROUND = 5_000;
/** Until then, V8 still compiles. */
const WARM_UP = 20_000;

interface Case {
  readonly name: string;
  readonly profiles: number;
  /** How many roles they have. Profiles with one role share its token. */
  readonly roles: number;
}

/** Webhooks that are compared. The first one is what the others are compared with. */
const CASES: readonly Case[] = [
  { name: '1', profiles: 1, roles: 1 },
  { name: '3', profiles: 3, roles: 3 },
  { name: '20', profiles: 20, roles: 20 },
  { name: '20 with one role', profiles: 20, roles: 1 },
];

/** A webhook with its profiles, and an AWS of its own. */
interface Side extends Case {
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
interface Result {
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly count: number;
}

/** Compares webhooks with 1, 3 and 20 profiles. */
export async function benchProfiles(rounds: number): Promise<void> {
  const before = loadavg();
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const authority = await createCertificateAuthority('bench');
  const sides: Side[] = [];
  try {
    for (const one of CASES) sides.push(await start(one, authority, join(folder, one.name)));
    await admit(sides, WARM_UP);
    for (let round = 0; round < rounds; round++) {
      for (const { side, result } of await admit(sides, ROUND)) side.results.push(result);
    }
    await report(sides, before);
  } finally {
    for (const { client, replica, aws } of sides) {
      await client.close();
      await replica.program.stop();
      await aws.stop();
    }
    await rm(folder, { recursive: true, force: true });
  }
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
  await mkdir(folder);
  const file = join(folder, 'profiles.yaml');
  await writeFile(file, JSON.stringify({ profiles: profilesOf(one) }));
  const replica = await startReplica(
    authority,
    folder,
    {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
      PROFILES_FILE: file,
      SHUTDOWN_DELAY: '0s',
    },
    { outputFile: join(folder, 'log') }, // this process is busy with the load
  );
  await eventually(
    'the webhook has a token of each profile',
    async () => {
      const text = await (await fetch(replica.metricsUrl)).text();
      const ends = [...text.matchAll(/^ecr_anywhere_token_expiry_timestamp_seconds\{.*\} (\d+)/gm)];
      return ends.length === one.profiles && ends.every(([, end]) => Number(end) > 0);
    },
    { within: 60_000 },
  );
  const bodies = reviews(1_000, (index) => ({
    'ecr-anywhere.centml.ai/profile': `team-${index % one.profiles}`,
  }));
  const url = `https://127.0.0.1:${replica.port}/sync?timeout=10s`;
  const client = connect({ url, ca: authority.cert, connections: LANES });
  return { ...one, aws, replica, client, bodies, idle: await memory(replica, 'VmRSS'), results: [] };
}

function profilesOf({ profiles, roles }: Case) {
  return Array.from({ length: profiles }, (_, index) => ({
    name: `team-${index}`,
    namespaces: [`team-${index}`, `team-${index}-*`, 'test'],
    region: 'us-east-1',
    identity: { roles: [{ arn: `arn:aws:iam::${111111111111 + (index % roles)}:role/ecr-pull` }] },
  }));
}

/** Memory of the process in megabytes. Linux only. */
async function memory({ program }: Replica, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024) / 1e6;
}

async function report(sides: readonly Side[], before: readonly number[]): Promise<void> {
  const [{ results: ofOne }] = sides as [Side, ...Side[]];
  heading('Profiles');
  table([
    'profiles',
    'admission, p50 ms',
    'p99 ms',
    'p50, ratio to 1 profile in a round, median (least–most)',
    'CPU ms',
    'its ratio',
    'memory MB: idle',
    'peak',
    'AssumeRole',
    'GetAuthorizationToken',
  ]);
  for (const { name, idle, replica, aws, results } of sides) {
    const ratios = (of: (result: Result) => number) => {
      const each = results.map((result, round) => of(result) / of(ofOne[round] ?? result));
      return `${number(median(each), 2)} (${number(Math.min(...each), 2)}–${number(Math.max(...each), 2)})`;
    };
    const calls = aws.calls();
    row([
      name,
      number(median(results.map(({ p50 }) => p50)), 1),
      number(median(results.map(({ p99 }) => p99)), 0),
      ratios(({ p50 }) => p50),
      number(median(results.map(({ cpu }) => cpu)), 2),
      ratios(({ cpu }) => cpu),
      number(idle, 0),
      number(await memory(replica, 'VmHWM'), 0),
      String(calls['AssumeRole'] ?? 0),
      String(calls['GetAuthorizationToken'] ?? 0),
    ]);
  }
  const total = ofOne.reduce((sum, { count }) => sum + count, 0);
  const loads = [before, loadavg()].map(([minute = 0]) => number(minute, 1));
  console.log(
    `\n${ofOne.length} rounds of ${ROUND / 1000} s each, ${number(total, 0)} admissions by each webhook, in turns, ${LANES} at a time over all of them. ` +
      `Load of the machine when it began and ended: ${loads.join(' and ')}.`,
  );
}
