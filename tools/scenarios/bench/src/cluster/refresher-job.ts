import { eventually, type KubernetesObject } from '@ecr-anywhere/local-installation';
import { RELEASE } from './installation.ts';
import type { Testbed } from './testbed.ts';

/** The result of a run of the refresher. */
export interface RefresherRun {
  readonly code: number;
  readonly lastLine: string;
  readonly cpuSeconds: number;
  /** Bytes, resident. */
  readonly peak: number;
}

interface PodStatus {
  readonly containerStatuses?: readonly { readonly state: { readonly terminated?: { exitCode: number } } }[];
}

interface Usage {
  readonly userCPUTime: number;
  readonly systemCPUTime: number;
  readonly maxRSS: number;
}

let runs = 0;

/** Runs the chart's CronJob once, with this many requests at a time. */
export async function runRefresher(
  testbed: Testbed,
  concurrency: number,
  within: number,
): Promise<RefresherRun> {
  const { api, kubectl } = testbed;
  const name = `bench-${++runs}`;
  const made = await kubectl([
    ...['-n', RELEASE, 'create', 'job', `--from=cronjob/${RELEASE}`, name],
    ...['--dry-run=client', '-o', 'json'],
  ]);
  await kubectl(['create', '-f', '-'], JSON.stringify(withConcurrency(JSON.parse(made) as Job, concurrency)));
  const selector = encodeURIComponent(`batch.kubernetes.io/job-name=${name}`);
  const { pod, code } = await eventually(
    `the Job ${name} ends`,
    async () => {
      const { body } = await api.get(`/api/v1/namespaces/${RELEASE}/pods?labelSelector=${selector}`);
      const [found] = body['items'] as KubernetesObject[];
      const status = found?.['status'] as PodStatus | undefined;
      const terminated = status?.containerStatuses?.[0]?.state.terminated;
      return terminated && { pod: found?.metadata?.name ?? '', code: terminated.exitCode };
    },
    { within, every: 250 },
  );
  const lines = (await kubectl(['-n', RELEASE, 'logs', '--tail=2', pod])).trimEnd().split('\n');
  const used = JSON.parse(lines.at(-1)?.replace(/^used /, '') ?? '') as Usage;
  await kubectl(['-n', RELEASE, 'delete', 'job', name, '--wait=false']);
  return {
    code,
    lastLine: lines.at(-2) ?? '',
    cpuSeconds: (used.userCPUTime + used.systemCPUTime) / 1e6,
    peak: used.maxRSS * 1024,
  };
}

interface Job {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
}

interface Container {
  readonly env?: readonly { readonly name: string }[];
}

function withConcurrency(job: Job, concurrency: number): Job {
  const copy = structuredClone(job) as { spec: { template: { spec: { containers: Container[] } } } };
  const { spec } = copy.spec.template;
  spec.containers = spec.containers.map((container) => ({
    ...container,
    env: [
      ...(container.env ?? []).filter(({ name }) => name !== 'CONCURRENCY'),
      { name: 'CONCURRENCY', value: String(concurrency) },
    ],
  }));
  return copy;
}
