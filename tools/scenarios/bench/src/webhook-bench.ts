import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  createCertificateAuthority,
  eventually,
  startProgram,
  startReplica,
  type CertificateAuthority,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { load, median, type LoadResult } from './load.ts';
import { reviews } from './reviews.ts';
import { heading, number, row, table } from './table.ts';

const CONNECTIONS = 16;
const ROUNDS = 5;
const ROUND = 4_000;

/** Throughput and latency in comparison with a bare server; calls to AWS; start time and memory. */
export async function benchWebhook(self: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const aws = await startAwsEmulator();
  const authority = await createCertificateAuthority('bench');
  const replica = await startWebhook(authority, folder, aws);
  try {
    await throughput(self, folder, authority, replica);
    await callsToAws(authority, join(folder, 'cold'), aws);
    await startAndMemory(authority, folder, aws, replica);
  } finally {
    await replica.program.stop();
    await aws.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function throughput(
  self: string,
  folder: string,
  authority: CertificateAuthority,
  replica: Replica,
): Promise<void> {
  heading('1. Admissions over TLS, beside a bare server');
  const bodies = reviews(1_000);
  const body = (index: number) => bodies[index % bodies.length] ?? '';
  const webhookUrl = `https://127.0.0.1:${replica.port}/sync?timeout=10s`;
  const { cert, key } = await authority.issue({ names: ['127.0.0.1'] });
  await writeFile(join(folder, 'bare.crt'), cert);
  await writeFile(join(folder, 'bare.key'), key);
  await writeFile(join(folder, 'bare.patch'), await patchOf(webhookUrl, authority.cert, body(0)));
  const bare = await startServer(self, 'bare-server', folder);
  const koa = await startServer(self, 'koa-server', folder);
  const servers = [
    { name: 'bare server', ...bare },
    { name: 'the same with Koa, its router, log and metrics', ...koa },
    { name: 'webhook', url: webhookUrl, program: replica.program },
  ].map((server) => ({ ...server, results: [] as (LoadResult & { cpu: number })[] }));
  const options = { ca: authority.cert, connections: CONNECTIONS, body };
  for (const { url } of servers) await load({ ...options, url, milliseconds: 1_500 });
  for (let round = 0; round < ROUNDS; round++) {
    for (const { url, program, results } of servers) {
      const before = await cpuTime(program.pid);
      const result = await load({ ...options, url, milliseconds: ROUND });
      results.push({ ...result, cpu: ((await cpuTime(program.pid)) - before) / result.requests });
    }
  }
  await Promise.all([bare.program.stop(), koa.program.stop()]);

  table(['', 'admissions/s', 'p50 ms', 'p99 ms', 'CPU ms', 'of the bare server, median (round by round)']);
  for (const { name, results } of servers) {
    const ratios = results.map(
      ({ requestsPerSecond }, round) =>
        requestsPerSecond / (servers[0]?.results[round]?.requestsPerSecond ?? 1),
    );
    row([
      name,
      number(median(results.map(({ requestsPerSecond }) => requestsPerSecond)), 0),
      number(median(results.map(({ p50 }) => p50)), 2),
      number(median(results.map(({ p99 }) => p99)), 2),
      number(median(results.map(({ cpu }) => cpu)), 3),
      `${number(median(ratios), 2)} (${number(Math.min(...ratios), 2)}–${number(Math.max(...ratios), 2)})`,
    ]);
  }
  console.log(`\n${ROUNDS} rounds of ${ROUND / 1000} s each, in turns, ${CONNECTIONS} connections.`);
  console.log(
    'CPU ms: what an admission takes of the CPU, which depends the least on what else the machine does.',
  );
}

/** A server to compare the webhook with, as a process. */
async function startServer(self: string, command: string, folder: string) {
  const program = startProgram(self, { args: [command, folder] });
  const port = await eventually(`the ${command} listens`, () => {
    const [line] = program.output;
    return line === undefined ? undefined : (JSON.parse(line) as { port: number }).port;
  });
  return { program, url: `https://127.0.0.1:${port}/sync?timeout=10s` };
}

async function callsToAws(authority: CertificateAuthority, folder: string, aws: AwsEmulator): Promise<void> {
  heading('2. Calls to ECR');
  aws.resetCalls();
  const replica = await startReplica(authority, folder, webhookEnv(aws)); // holds no token yet
  const count = 10_000;
  const bodies = reviews(count);
  const pool = new Pool(`https://127.0.0.1:${replica.port}`, {
    connect: { ca: authority.cert },
    connections: 100,
  });
  await Promise.all(
    bodies.map(async (body) => {
      const { body: answer } = await pool.request({
        method: 'POST',
        path: '/sync?timeout=10s',
        headers: { 'content-type': 'application/json' },
        body,
      });
      if (!(await answer.text()).includes('"patch":')) throw new Error('an admission came to nothing');
    }),
  );
  await pool.close();
  await replica.program.stop();
  console.log(
    `A webhook that has just started, ${count} admissions by 100 clients at once; calls to ECR: ${aws.calls()['GetAuthorizationToken'] ?? 0}.`,
  );
}

async function startAndMemory(
  authority: CertificateAuthority,
  folder: string,
  aws: AwsEmulator,
  loaded: Replica,
): Promise<void> {
  heading('4. Start and memory of the webhook');
  const peak = await peakMemory(loaded.program.pid);
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const replica = await startWebhook(authority, join(folder, `start-${round}`), aws);
    times.push(replica.startMilliseconds);
    await replica.program.stop();
  }
  console.log(
    `Start of the process to ready, with a first token: median ${number(median(times) / 1000, 2)} s, at most ${number(Math.max(...times) / 1000, 2)} s.`,
  );
  console.log(`Peak of its resident memory under the load of (1): ${number(peak, 0)} MB.`);
}

/** The CPU time of a process in milliseconds, user and system. Linux counts it in hundredths of a second. */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, kernel] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
  return 10 * (Number(user) + Number(kernel));
}

/** In megabytes. Linux only. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}

async function startWebhook(authority: CertificateAuthority, folder: string, aws: AwsEmulator) {
  const started = performance.now();
  // The log goes to a file, because this process is busy with the load.
  const outputFile = join(folder, 'log');
  const replica = await startReplica(authority, folder, webhookEnv(aws), { outputFile });
  await eventually(
    'the webhook holds a token',
    async () => {
      if (!replica.log().some(({ msg }) => msg === 'the ECR token was renewed')) return false;
      return (await fetch(replica.readyUrl)).ok;
    },
    { every: 5 },
  );
  return { ...replica, startMilliseconds: performance.now() - started };
}

function webhookEnv(aws: AwsEmulator): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
    SHUTDOWN_DELAY: '0s',
  };
}

/** The Base64 of the patch in the answer to a review. */
export async function patchOf(url: string, ca: string, body: string): Promise<string> {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, { connect: { ca } });
  const { body: answer } = await pool.request({
    method: 'POST',
    path: pathname + search,
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { response } = (await answer.json()) as { response: { patch: string } };
  await pool.close();
  return response.patch;
}
