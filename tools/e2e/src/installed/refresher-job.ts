import type { KubernetesObject } from '@ecr-anywhere/local-installation';
import type { ScenarioRefresher, ScenarioRun } from '../platform.ts';
import type { InstalledCluster } from './cluster.ts';
import { endOfJob, type Release } from './release.ts';

/** Holds a pod that was told to end until its last words have been read. */
const FINALIZER = 'e2e.ecr-anywhere.centml.ai/read';

let jobs = 0;

/** Starts a Job from the CronJob's template, with other arguments and more variables. */
export async function startRefresherJob(
  cluster: InstalledCluster,
  { name, namespace }: Release,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ScenarioRefresher> {
  const { api } = cluster;
  const cronJob = await api.get(`/apis/batch/v1/namespaces/${namespace}/cronjobs/${name}`);
  const { jobTemplate } = cronJob.body['spec'] as CronJobSpec;
  const job = `${name}-scenario-${++jobs}-${Date.now().toString(36)}`;
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  const created = await api.create(path, {
    metadata: { name: job, labels: jobTemplate.metadata.labels },
    spec: changed(jobTemplate.spec, args, env),
  });
  if (created.status !== 201) throw new Error(`The Job could not be made: ${created.body.message}`);

  const run = async (): Promise<ScenarioRun> => {
    const { code, message: terminationMessage } = await endOfJob(cluster, namespace, job);
    const output = lines(await cluster.kubectl(['-n', namespace, 'logs', '-l', ofJob(job), '--tail=-1']));
    await eachPod((pod) => api.patch(pod, { metadata: { finalizers: null } }));
    await api.delete(`${path}/${job}?propagationPolicy=Background`);
    return { code, terminationMessage, output, errors: output };
  };
  const eachPod = async (act: (path: string) => Promise<unknown>) => {
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const { body } = await api.get(`${pods}?labelSelector=${encodeURIComponent(ofJob(job))}`);
    for (const { metadata } of body['items'] as KubernetesObject[]) await act(`${pods}/${metadata?.name}`);
  };
  return {
    run: run(),
    end: () =>
      eachPod(async (pod) => {
        await api.patch(pod, [{ op: 'add', path: '/metadata/finalizers/-', value: FINALIZER }], 'json');
        await api.delete(pod);
      }),
  };
}

interface CronJobSpec {
  readonly jobTemplate: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: JobSpec;
  };
}

interface JobSpec {
  readonly template: {
    readonly spec: { readonly containers: readonly { readonly env: readonly { readonly name: string }[] }[] };
  };
}

function changed(
  { template, ...job }: JobSpec,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): JobSpec {
  const more = Object.entries(env).map(([name, value]) => ({ name, value }));
  const containers = template.spec.containers.map((container) => ({
    ...container,
    args,
    env: [...container.env.filter(({ name }) => !(name in env)), ...more],
  }));
  return { ...job, template: { ...template, spec: { ...template.spec, containers } } };
}

function ofJob(job: string): string {
  return `batch.kubernetes.io/job-name=${job}`;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
