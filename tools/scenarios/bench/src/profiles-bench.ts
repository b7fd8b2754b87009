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
import { load, median, type LoadResult } from './load.ts';
import { reviews } from './reviews.ts';
import { heading, number, row, table } from './table.ts';
import { cpuTime } from './webhook-bench.ts';

const CONNECTIONS = 16;
const ROUND = 2_000;
/** Until then, V8 still compiles. */
const WARM_UP = 8_000;

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
  readonly bodies: readonly string[];
  /** Its resident memory before the first review, in megabytes. */
  readonly idle: number;
  readonly results: Result[];
}

interface Result extends LoadResult {
  /** Milliseconds of the webhook's CPU for an admission. */
  readonly cpu: number;
}

/** Compares webhooks with 1, 3 and 20 profiles, which get reviews in turns. */
export async function benchProfiles(rounds: number): Promise<void> {
  const before = loadavg();
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const authority = await createCertificateAuthority('bench');
  const sides: Side[] = [];
  try {
    for (const one of CASES) sides.push(await start(one, authority, join(folder, one.name)));
    const admit = ({ replica, bodies }: Side, milliseconds: number) =>
      load({
        url: `https://127.0.0.1:${replica.port}/sync?timeout=10s`,
        ca: authority.cert,
        connections: CONNECTIONS,
        milliseconds,
        body: (index) => bodies[index % bodies.length] ?? '',
      });
    for (const side of sides) await admit(side, WARM_UP);
    for (let round = 0; round < rounds; round++) {
      // Each goes first in some rounds: what the machine does besides changes within a round, too.
      for (const side of [...sides.slice(round % sides.length), ...sides.slice(0, round % sides.length)]) {
        const { pid } = side.replica.program;
        const cpuBefore = await cpuTime(pid);
        const result = await admit(side, ROUND);
        side.results.push({ ...result, cpu: ((await cpuTime(pid)) - cpuBefore) / result.requests });
      }
    }
    await report(sides, before);
  } finally {
    for (const { replica, aws } of sides) {
      await replica.program.stop();
      await aws.stop();
    }
    await rm(folder, { recursive: true, force: true });
  }
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
  return { ...one, aws, replica, bodies, idle: await memory(replica, 'VmRSS'), results: [] };
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
  const [first] = sides;
  const rounds = first?.results.length ?? 0;
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
  for (const { name, results, idle, replica, aws } of sides) {
    const ratios = (of: (result: Result) => number) => {
      const all = results.map((result, round) => of(result) / of(first?.results[round] ?? result));
      return `${number(median(all), 2)} (${number(Math.min(...all), 2)}–${number(Math.max(...all), 2)})`;
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
  const admissions = sides.map(({ results }) => results.reduce((sum, { requests }) => sum + requests, 0));
  const loads = [before, loadavg()].map(([minute = 0]) => number(minute, 1));
  console.log(
    `\n${rounds} rounds of ${ROUND / 1000} s each, in turns, ${CONNECTIONS} connections; ${admissions.map((count) => number(count, 0)).join(', ')} admissions. ` +
      `Load of the machine when it began and ended: ${loads.join(' and ')}.`,
  );
}
