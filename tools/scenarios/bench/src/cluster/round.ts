import { between, quantile, readControlPlane } from './api-server-metrics.ts';
import { BARE, BARE_WEBHOOK } from './bare-webhook.ts';
import { RELEASE } from './installation.ts';
import { runRefresher } from './refresher-job.ts';
import { PREFIX, type Secrets, type Server } from './secrets.ts';
import type { Testbed } from './testbed.ts';
import { machineCpu, sum, usageOfPods } from './usage.ts';

/** The measurements of one run of the refresher over all Secrets. */
export interface Round {
  readonly secretsPerSecond: number;
  /** In milliseconds, from the API server's metrics. */
  readonly admissionMean: number;
  readonly admissionP99: number;
  /** The peak memory of one replica in bytes. */
  readonly webhookPeak: number;
  readonly refresherPeak: number;
  /** Milliseconds of CPU for each Secret. */
  readonly cpu: {
    readonly apiServer: number;
    readonly etcd: number;
    readonly webhook: number;
    readonly refresher: number;
  };
  /** The share of the machine's CPU that other processes used, from 0 to 1. */
  readonly otherWork: number;
}

/** Kubelet, containerd and the kernel use less than this. More means that the machine is busy with something else. */
const QUIET = 0.25;

export function isQuiet({ otherWork }: Round): boolean {
  return otherWork <= QUIET;
}

/** The name of each webhook, and what its namespace and the `app` of its pods are called. */
const SERVERS: Readonly<Record<Server, { readonly webhook: string; readonly app: string } | undefined>> = {
  'ecr-anywhere': { webhook: PREFIX, app: RELEASE },
  bare: { webhook: BARE_WEBHOOK, app: BARE },
  none: undefined,
};

const NO_PODS = { cpuSeconds: () => 0, peak: () => 0, forgetPeaks: () => undefined };

/**
 * Lets the real refresher refresh every Secret. The time is from the first mark that it writes to the last one: the
 * start of its pod does not count.
 */
export async function measure(
  testbed: Testbed,
  secrets: Secrets,
  server: Server,
  concurrency: number,
): Promise<Round> {
  await secrets.serveBy(server);
  const { webhook = '', app } = SERVERS[server] ?? {};
  const pods = app === undefined ? NO_PODS : await usageOfPods(testbed, app, `app=${app}`);
  pods.forgetPeaks();
  const webhookBefore = pods.cpuSeconds();
  const before = await readControlPlane(testbed, webhook);
  const machineBefore = machineCpu();
  const run = await runRefresher(testbed, concurrency, 600_000);
  const machineAfter = machineCpu();
  const after = await readControlPlane(testbed, webhook);
  const used = {
    apiServer: after.apiServerCpuSeconds - before.apiServerCpuSeconds,
    etcd: after.etcdCpuSeconds - before.etcdCpuSeconds,
    webhook: pods.cpuSeconds() - webhookBefore,
    refresher: run.cpuSeconds,
  };
  const busy = machineAfter.busy - machineBefore.busy;
  const admissions = between(before.admissions, after.admissions);
  expectAllServed(server, secrets.count, admissions.count, run);
  const { first, last } = await secrets.marked();
  const perSecret = (seconds: number) => (seconds * 1000) / secrets.count;
  return {
    secretsPerSecond: (secrets.count - 1) / ((last - first) / 1000),
    admissionMean: (admissions.seconds / admissions.count) * 1000,
    admissionP99: quantile(admissions, 0.99) * 1000,
    webhookPeak: pods.peak(),
    refresherPeak: run.peak,
    cpu: {
      apiServer: perSecret(used.apiServer),
      etcd: perSecret(used.etcd),
      webhook: perSecret(used.webhook),
      refresher: perSecret(used.refresher),
    },
    otherWork: (busy - sum(Object.values(used))) / (machineAfter.all - machineBefore.all),
  };
}

/** A round is valid if each Secret went through the webhook once, and the refresher counted it as refreshed. */
function expectAllServed(
  server: Server,
  count: number,
  admissions: number,
  { code, lastLine }: { readonly code: number; readonly lastLine: string },
): void {
  const isServed = server === 'none' ? code === 1 && admissions === 0 : code === 0 && admissions === count;
  if (!isServed)
    throw new Error(
      `${server}: ${admissions} admissions for ${count} Secrets, exit code ${code}: ${lastLine}`,
    );
}
