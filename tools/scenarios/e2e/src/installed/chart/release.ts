import { join } from 'node:path';
import { eventually, workspaceRoot, type KubernetesObject } from '@ecr-anywhere/local-installation';
import type { AwsInCluster } from '../cluster/aws.ts';
import type { InstalledCluster } from '../cluster/cluster.ts';
import { IMAGES } from '../cluster/images.ts';

export type Values = Readonly<Record<string, unknown>>;

/** The result of a Job of the refresher. */
export interface Run {
  /** The Job's name. */
  readonly job: string;
  readonly code: number;
  /** The termination message of the pod. */
  readonly message: string;
}

/** A release of the chart. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Starts a Job from the CronJob, and waits for its first pod to end. */
  refresh(): Promise<Run>;
  /** Resolves when the last replica with the old values has drained. */
  upgrade(values: Values): Promise<void>;
  uninstall(): Promise<void>;
}

export const CHART = join(workspaceRoot(), 'charts', 'ecr-anywhere');

/** Values for the test environment: the stand-in for AWS, and images that are on the node. */
export function surroundings(aws: AwsInCluster): Values {
  return {
    image: IMAGES,
    webhook: { extraEnv: [{ name: 'AWS_ENDPOINT_URL', value: aws.endpoint }] },
  };
}

/** Values for a scenario: access keys of the stand-in, and a CronJob that starts no Jobs by itself. */
export function scenarioValues(aws: AwsInCluster, more: Values = {}): Values {
  const overlay = surroundings(aws);
  const keys = {
    AWS_ACCESS_KEY_ID: aws.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.keys.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  const env = Object.entries(keys).map(([name, value]) => ({ name, value }));
  return merge(
    merge(overlay, { pod: { container: { env } }, cronjob: { suspend: true, backoffLimit: 0 } }),
    more,
  );
}

/**
 * Values for a threshold of seconds, for tokens that live for seconds. The chart refuses such a threshold, but it does not
 * see one that another variable gives.
 */
export function shortThreshold(threshold: string): Values {
  const env = [
    { name: 'SHORT_THRESHOLD', value: threshold },
    { name: 'REFRESH_THRESHOLD', value: '$(SHORT_THRESHOLD)' },
  ];
  return { deployment: { pod: { container: { env } } } };
}

/**
 * Installs the chart of this checkout, and waits until it works.
 *
 * @param options - `name` must also be the `name` in the values; `served`: a namespace that the installation serves
 */
export async function installRelease(
  cluster: InstalledCluster,
  values: Values,
  { name = 'ecr-anywhere', namespace = 'ecr-anywhere', served = PROBE } = {},
): Promise<Release> {
  const helm = (verb: 'install' | 'upgrade', given: Values, ...more: string[]) =>
    cluster.helm([verb, name, CHART, '-n', namespace, '-f', '-', '--wait', '--timeout', '3m', ...more], {
      input: JSON.stringify(given),
    });
  await helm('install', values, '--create-namespace');
  const release: Release = {
    name,
    namespace,
    refresh: () => runJob(cluster, release),
    async upgrade(given) {
      await helm('upgrade', given);
      await untilReplaced(cluster, release);
    },
    async uninstall() {
      await cluster.helm(['uninstall', name, '-n', namespace, '--wait', '--timeout', '2m']);
    },
  };
  await untilServed(cluster, served);
  return release;
}

/** Terminating replicas keep serving for some seconds, with their old settings. */
export async function untilReplaced(
  { api }: InstalledCluster,
  { name, namespace }: Pick<Release, 'name' | 'namespace'>,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`app=${name}`)}`;
  await eventually(
    'the old replicas are gone',
    async () => {
      const pods = (await api.get(path)).body['items'] as KubernetesObject[];
      return pods.every(({ metadata }) => metadata?.['deletionTimestamp'] === undefined);
    },
    { within: 60_000, every: 200 },
  );
}

let jobs = 0;

async function runJob(cluster: InstalledCluster, { name, namespace }: Release): Promise<Run> {
  const job = `${name}-by-hand-${++jobs}-${Date.now().toString(36)}`;
  await cluster.kubectl(['-n', namespace, 'create', 'job', `--from=cronjob/${name}`, job]);
  return endOfJob(cluster, namespace, job);
}

/** Waits for a Job's first pod to end. */
export function endOfJob(cluster: InstalledCluster, namespace: string, job: string): Promise<Run> {
  const selector = encodeURIComponent(`batch.kubernetes.io/job-name=${job}`);
  return eventually(
    `the Job ${job} ends`,
    async () => {
      const { body } = await cluster.api.get(
        `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`,
      );
      const [pod] = body['items'] as Pod[];
      const terminated = pod?.status.containerStatuses?.[0]?.state.terminated;
      return terminated && { job, code: terminated.exitCode, message: terminated.message ?? '' };
    },
    { within: 120_000, every: 200 },
  );
}

interface Pod {
  readonly status: {
    readonly containerStatuses?: {
      readonly state: { readonly terminated?: { readonly exitCode: number; readonly message?: string } };
    }[];
  };
}

/** A namespace that every installation serves, unless its values say otherwise. */
const PROBE = 'e2e-probe';

/** Waits until the API server calls the webhook: cert-manager has to write the CA into its configuration first. */
export async function untilServed({ api }: InstalledCluster, namespace = PROBE): Promise<void> {
  await api.create('/api/v1/namespaces', {
    metadata: { name: namespace, labels: { 'ecr-anywhere.centml.ai/namespace': 'enabled' } },
  });
  // Only the webhook refuses an Opaque Secret, with 422.
  const probe: KubernetesObject = {
    metadata: { name: 'probe', labels: { 'ecr-anywhere.centml.ai/managed': 'true' } },
  };
  await eventually(
    'the API server calls the webhook',
    async () =>
      (await api.create(`/api/v1/namespaces/${namespace}/secrets?dryRun=All`, probe)).status === 422,
    { within: 60_000, every: 100 },
  );
}

function merge(base: Values, more: Values): Values {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(more)) {
    const before = merged[key];
    merged[key] = isRecord(before) && isRecord(value) ? merge(before, value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
