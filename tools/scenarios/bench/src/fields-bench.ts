import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startAwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  install,
  startRealCluster,
  testbedPrograms,
  type Installation,
  type RealCluster,
} from '@ecr-anywhere/local-installation';
import { between, readControlPlane } from './cluster/api-server-metrics.ts';
import { managedSecrets, PREFIX, SERVED_BY, type Secrets } from './cluster/secrets.ts';
import { median } from './load.ts';
import { reviews } from './reviews.ts';
import { heading, number, row, table } from './table.ts';
import { cpuTime, patchOf } from './webhook-bench.ts';

const COUNT = 500;
const CONCURRENCY = 10;

/** The values of DOCKER_CONFIG_FIELDS, under names that a label may have. */
const FIELDS = { longer: 'username,password,auth', auth: 'auth' } as const;
type Form = keyof typeof FIELDS;

/** What a refresh of a Secret costs, and what it leaves. */
type Costs = Readonly<Record<string, number>>;

/** An installation, and the Secrets that only it refreshes: a review holds what a Secret held before. */
interface Side {
  readonly form: Form;
  readonly installation: Installation;
  readonly secrets: Secrets;
}

/** Compares the values of DOCKER_CONFIG_FIELDS: an installation with each, which refresh their Secrets in turns. */
export async function benchFields(rounds: number): Promise<void> {
  const load = loadavg();
  const cluster = await startRealCluster();
  const aws = await startAwsEmulator();
  const sides: Side[] = [];
  try {
    for (const form of ['longer', 'auth'] as const) {
      const secrets = await managedSecrets(cluster, form);
      await secrets.growTo(COUNT);
      await secrets.serveBy(form);
      const installation = await install(cluster, {
        aws,
        name: form,
        namespaceLabels: { [SERVED_BY]: form },
        webhookEnv: { DOCKER_CONFIG_FIELDS: FIELDS[form] },
      });
      sides.push({ form, installation, secrets });
    }
    const pair = async (order: readonly Side[]) => {
      const costs: Partial<Record<Form, Costs>> = {};
      for (const side of order) costs[side.form] = await measure(cluster, side);
      return costs as Record<Form, Costs>;
    };
    await pair(sides); // fills the Secrets
    await pair(sides); // warms up
    const pairs = [];
    while (pairs.length < rounds) pairs.push(await pair(pairs.length % 2 === 0 ? sides : sides.toReversed()));
    report(load, pairs);
  } finally {
    for (const { installation } of sides) await installation.uninstall();
    await aws.stop();
    await cluster.stop();
  }
}

/** Lets the refresher refresh every Secret once. */
async function measure(
  cluster: RealCluster,
  { form, secrets, installation: { authority, refresh, replicas } }: Side,
): Promise<Costs> {
  const [{ program, port }] = replicas as [Installation['replicas'][number]];
  const before = await controlPlane(cluster);
  const cpuBefore = await cpuTime(program.pid);
  const { code, terminationMessage } = await refresh(['--force', '--concurrency', String(CONCURRENCY)]);
  const cpu = (await cpuTime(program.pid)) - cpuBefore;
  const after = await controlPlane(cluster);
  if (code !== 0 || !terminationMessage.startsWith(`checked ${COUNT}, due ${COUNT}, refreshed ${COUNT},`))
    throw new Error(`The run ended with ${code}: ${terminationMessage}`);
  const admissions = between(before.admissions, after.admissions);
  const { first, last } = await secrets.marked();
  const patch = await patchOf(`https://127.0.0.1:${port}/sync`, authority.cert, reviews(1)[0] ?? '');
  const perSecret = (seconds: number) => (seconds * 1000) / COUNT;
  const costs = {
    'bytes of the Secret in etcd': await bytesInEtcd(cluster, `/registry/secrets/${form}-0/pull-0`),
    'bytes of the patch': Buffer.from(patch, 'base64').length,
    'bytes written to etcd for a refresh': (after.etcdBytes - before.etcdBytes) / COUNT,
    'admission, mean ms': (admissions.seconds / admissions.count) * 1000,
    'Secrets refreshed/s': (COUNT - 1) / ((last - first) / 1000),
    'CPU ms for a Secret: webhook': cpu / COUNT,
    'CPU ms: API server': perSecret(after.apiServerCpuSeconds - before.apiServerCpuSeconds),
    'CPU ms: etcd': perSecret(after.etcdCpuSeconds - before.etcdCpuSeconds),
  };
  console.error(`${form} (load ${loadavg()[0]?.toFixed(1)}) ${JSON.stringify(costs)}`);
  return costs;
}

function controlPlane({ kubeconfigFile, etcdUrl }: RealCluster) {
  const kubectl = async (args: readonly string[]) => {
    const flags = [`--kubeconfig=${kubeconfigFile}`, ...args];
    const program = join(testbedPrograms(), 'kubectl');
    return (await promisify(execFile)(program, flags, { maxBuffer: 2 ** 26 })).stdout;
  };
  return readControlPlane({ kubectl }, PREFIX, etcdUrl);
}

async function bytesInEtcd({ etcdUrl }: RealCluster, path: string): Promise<number> {
  const key = Buffer.from(path).toString('base64');
  const answer = await fetch(`${etcdUrl}/v3/kv/range`, { method: 'POST', body: JSON.stringify({ key }) });
  const { kvs } = (await answer.json()) as { kvs: readonly [{ value: string }] };
  return Buffer.from(kvs[0].value, 'base64').length;
}

function report(load: readonly number[], pairs: readonly Readonly<Record<Form, Costs>>[]): void {
  heading('DOCKER_CONFIG_FIELDS');
  table(['', FIELDS.longer, FIELDS.auth, 'ratio, median of the pairs (least–most)']);
  for (const name of Object.keys(pairs[0]?.auth ?? {})) {
    const of = (form: Form) => pairs.map((pair) => pair[form][name] ?? Number.NaN);
    const ratios = pairs.map(({ auth, longer }) => (auth[name] ?? Number.NaN) / (longer[name] ?? Number.NaN));
    const digits = median(of('auth')) > 100 ? 0 : 2;
    row([
      name,
      number(median(of('longer')), digits),
      number(median(of('auth')), digits),
      `${number(median(ratios), 2)} (${number(Math.min(...ratios), 2)}–${number(Math.max(...ratios), 2)})`,
    ]);
  }
  console.log(
    `\n${pairs.length} pairs of runs of the refresher, each over ${number(COUNT, 0)} Secrets in 20 namespaces, ${CONCURRENCY} at a time, on a real kube-apiserver and etcd. ` +
      `Load of the machine when it began: ${load.map((value) => number(value, 1)).join(', ')}.`,
  );
}
