import type { KubernetesObject } from '@ecr-anywhere/local-installation';
import type { ScenarioRefresher, ScenarioRun } from '../../scenario-platform.ts';
import type { InstalledCluster } from '../cluster/cluster.ts';
import { endOfJob, type Release } from './release.ts';

/** Where a kubeconfig is mounted. */
const FOLDER = '/var/run/e2e-kubeconfig';

/** Changes to the CronJob's template. */
export interface JobOptions {
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The content of a kubeconfig to mount and use, in place of the pod's own access to the API server. */
  readonly kubeconfigFile: string | undefined;
}

let jobs = 0;

/** Starts a Job from the CronJob's template. */
export async function startRefresherJob(
  cluster: InstalledCluster,
  { name, namespace }: Release,
  { args, env, kubeconfigFile }: JobOptions,
): Promise<ScenarioRefresher> {
  const { api } = cluster;
  const cronJob = await api.get(`/apis/batch/v1/namespaces/${namespace}/cronjobs/${name}`);
  const { jobTemplate } = cronJob.body['spec'] as CronJobSpec;
  const job = `${name}-scenario-${++jobs}-${Date.now().toString(36)}`;
  const inNamespace = `/api/v1/namespaces/${namespace}`;
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  if (kubeconfigFile !== undefined) {
    await api.create(`${inNamespace}/secrets`, {
      metadata: { name: job },
      stringData: { config: kubeconfigFile },
    });
  }
  const created = await api.create(path, {
    metadata: { name: job, labels: jobTemplate.metadata.labels },
    spec: changed(jobTemplate.spec, args, kubeconfigFile === undefined ? { env } : mounted(job, env)),
  });
  if (created.status !== 201) throw new Error(`The Job could not be made: ${created.body.message}`);

  const eachPod = async (act: (path: string) => Promise<unknown>) => {
    const pods = `${inNamespace}/pods`;
    const { body } = await api.get(`${pods}?labelSelector=${encodeURIComponent(ofJob(job))}`);
    for (const { metadata } of body['items'] as KubernetesObject[]) await act(`${pods}/${metadata?.name}`);
  };
  const ended = async (): Promise<ScenarioRun> => {
    const { code, message: terminationMessage } = await endOfJob(cluster, namespace, job);
    const output = lines(await cluster.kubectl(['-n', namespace, 'logs', '-l', ofJob(job), '--tail=-1']));
    await api.delete(`${path}/${job}?propagationPolicy=Background`);
    await api.delete(`${inNamespace}/secrets/${job}`);
    return { code, terminationMessage, output, errors: output };
  };
  const run = ended();
  run.catch(() => undefined); // the caller gets the error when it waits
  return {
    run,
    // kubelet removes the log of a pod that is deleted. A pod that is past its deadline gets SIGTERM as well, and stays.
    end: () => eachPod((pod) => api.patch(pod, { spec: { activeDeadlineSeconds: 1 } })),
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
    readonly spec: {
      readonly containers: readonly {
        readonly env: readonly { readonly name: string }[];
        readonly volumeMounts?: readonly object[];
      }[];
      readonly volumes?: readonly object[];
    };
  };
}

/** Additions to a container. */
interface Additions {
  readonly env: Readonly<Record<string, string>>;
  readonly volumes?: readonly object[];
  readonly volumeMounts?: readonly object[];
}

function mounted(secretName: string, env: Additions['env']): Additions {
  return {
    env: { KUBECONFIG: `${FOLDER}/config`, ...env },
    volumes: [{ name: 'kubeconfig', secret: { secretName } }],
    volumeMounts: [{ name: 'kubeconfig', mountPath: FOLDER }],
  };
}

function changed(
  { template, ...job }: JobSpec,
  args: readonly string[],
  { env, volumes = [], volumeMounts = [] }: Additions,
): JobSpec {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  const containers = template.spec.containers.map((container) => ({
    ...container,
    args,
    env: [...container.env.filter(({ name }) => !(name in env)), ...variables],
    volumeMounts: [...(container.volumeMounts ?? []), ...volumeMounts],
  }));
  const spec = { ...template.spec, containers, volumes: [...(template.spec.volumes ?? []), ...volumes] };
  return { ...job, template: { ...template, spec } };
}

function ofJob(job: string): string {
  return `batch.kubernetes.io/job-name=${job}`;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
