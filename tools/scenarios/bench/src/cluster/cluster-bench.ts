import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { machine } from '../machine.ts';
import { startBareWebhook } from './bare-webhook.ts';
import { startEcrStandIn } from './ecr-stand-in.ts';
import { installChart, REPLICAS } from './installation.ts';
import { report, type Pair, type Series } from './report.ts';
import { isQuiet, measure, type Round } from './round.ts';
import { managedSecrets, type Secrets, type Server } from './secrets.ts';
import { connectTestbed, type Testbed } from './testbed.ts';

const ECR_LATENCY = 60;

/** The factor for the number of rounds if the machine is busy. */
const MOST_TRIES = 2;

/** What is measured, in this order. */
const PLAN = [
  { count: 2_000, concurrency: 10, rounds: 9 },
  { count: 2_000, concurrency: 30, rounds: 9 },
  { count: 10_000, concurrency: 10, rounds: 5 },
];

/** On a real cluster, refreshes Secrets through the installed webhook and through a bare one, in turns. */
export async function benchCluster(rounds?: number): Promise<void> {
  const testbed = await connectTestbed();
  const ecr = await startEcrStandIn(testbed, ECR_LATENCY);
  await installChart(testbed, ecr);
  const secrets = await managedSecrets(testbed);
  const load = loadavg();
  const series: Series[] = [];
  for (const step of PLAN) {
    if (step.count > secrets.count) await grow(testbed, secrets, step.count);
    series.push(await measureSeries(testbed, secrets, { ...step, rounds: rounds ?? step.rounds }));
  }
  report({
    machine: machine(),
    load,
    latency: ECR_LATENCY,
    replicas: REPLICAS,
    ecrCalls: await ecr.calls(),
    series,
  });
  await testbed.api.close();
}

/** Before the measurements, fills every Secret once through our webhook and once through the bare one. */
async function grow(testbed: Testbed, secrets: Secrets, count: number): Promise<void> {
  const isFirst = secrets.count === 0;
  log(`making ${count} Secrets`);
  await secrets.growTo(count);
  await round(testbed, secrets, 'ecr-anywhere', 10);
  if (isFirst) await startBareWebhook(testbed, await secrets.sample());
  await round(testbed, secrets, 'bare', 10);
}

async function measureSeries(
  testbed: Testbed,
  secrets: Secrets,
  { concurrency, rounds }: { readonly concurrency: number; readonly rounds: number },
): Promise<Series> {
  const pairs: Pair[] = [];
  const quiet = () => pairs.filter(({ ours, bare }) => isQuiet(ours) && isQuiet(bare));
  while (quiet().length < rounds && pairs.length < MOST_TRIES * rounds) {
    const ours = await round(testbed, secrets, 'ecr-anywhere', concurrency);
    pairs.push({ ours, bare: await round(testbed, secrets, 'bare', concurrency) });
  }
  let none = await round(testbed, secrets, 'none', concurrency);
  if (!isQuiet(none)) none = await round(testbed, secrets, 'none', concurrency);
  const isEnough = quiet().length > rounds / 3;
  return { count: secrets.count, concurrency, tried: pairs.length, pairs: isEnough ? quiet() : pairs, none };
}

async function round(
  testbed: Testbed,
  secrets: Secrets,
  server: Server,
  concurrency: number,
): Promise<Round> {
  await sleep(2_000); // let the effects of the previous round settle
  const result = await measure(testbed, secrets, server, concurrency);
  log(
    `${secrets.count} Secrets, ${concurrency} at a time, ${server}: ${result.secretsPerSecond.toFixed(0)}/s ` +
      `(load ${loadavg()[0]?.toFixed(1)}) ${JSON.stringify(result)}`,
  );
  return result;
}

function log(line: string): void {
  console.error(line);
}
