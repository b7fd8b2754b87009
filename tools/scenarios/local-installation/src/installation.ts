import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { createCertificateAuthority, type CertificateAuthority } from '@ecr-anywhere/certificates';
import { eventually } from '@ecr-anywhere/eventually';
import type { Cluster } from './cluster.ts';
import { type Exit, type Program } from './program.ts';
import { startRefresher, type Refresher, type RefresherRun } from './refresher.ts';
import { startService, type Service } from './service.ts';
import { WEBHOOK_CONFIGURATION, webhookConfiguration } from './webhook-configuration.ts';
import { startReplica, type Replica } from './replica.ts';

/** How to install ECR Anywhere. */
export interface InstallationOptions {
  /** Webhook processes; one by default. */
  readonly replicas?: number;
  /** Added to the webhook's environment. */
  readonly webhookEnv?: Readonly<Record<string, string>>;
  /** Added to the environment of both programs, as the chart does with AWS settings and registry hosts. */
  readonly env?: Readonly<Record<string, string>>;
  /** The lifetime of an ECR token in milliseconds; twelve hours by default. */
  readonly tokenLifetime?: number;
  /** How long the API server waits for the webhook, in seconds; ten by default. */
  readonly timeoutSeconds?: number;
  /** An emulator that several installations share; by default each starts one. */
  readonly aws?: AwsEmulator;
  /** The name of its webhook configuration, if a cluster has several installations. */
  readonly name?: string;
  /** The labels of its namespaces, if a cluster has several installations. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
}

/** ECR Anywhere on a cluster: what `helm install` would make, as processes on this machine. */
export interface Installation {
  readonly cluster: Cluster;
  readonly aws: AwsEmulator;
  readonly authority: CertificateAuthority;
  readonly service: Service;
  readonly replicas: readonly Replica[];
  /** One run of the refresher, as a Job. */
  refresh(args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<RefresherRun>;
  /** Starts a run of the refresher, and does not wait for its end. */
  startRefresher(args?: readonly string[]): Promise<Refresher>;
  /** Starts one more webhook process behind the Service, and waits until it is ready: at most `within` milliseconds. */
  addReplica(env?: Readonly<Record<string, string>>, within?: number): Promise<Replica>;
  /** Sends SIGTERM to one replica, as a rolling restart does. Resolves when it has ended. */
  removeReplica(replica: Replica): Promise<Exit>;
  /** Sends SIGKILL to one replica, as when its node is lost. Resolves when it has ended. */
  loseReplica(replica: Replica): Promise<Exit>;
  /** Stops everything that the installation started, at once. The cluster keeps running. */
  uninstall(): Promise<void>;
}

/** Starts the webhook and registers it with the API server. */
export async function install(cluster: Cluster, options: InstallationOptions = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-'));
  const aws =
    options.aws ??
    (await startAwsEmulator(
      options.tokenLifetime === undefined ? {} : { tokenLifetime: options.tokenLifetime },
    ));
  const service = await startService();
  const authority = await createCertificateAuthority('ecr-anywhere');
  const replicas: Replica[] = [];
  const shared = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: folder,
    ...options.env,
  };
  const serviceUrl = `https://127.0.0.1:${service.port}`;

  const addReplica = async (env: Readonly<Record<string, string>> = {}, within = 60_000) => {
    const replica = await startReplica(authority, join(folder, `replica-${replicas.length}`), {
      ...shared,
      PEER_URL: serviceUrl,
      ...options.webhookEnv,
      ...env,
    });
    replicas.push(replica);
    service.add(replica);
    await eventually(
      'the webhook is ready',
      () => service.ready.includes(replica) || ended(replica.program),
      { within },
    );
    if (!replica.program.running) {
      throw new Error(
        `The webhook ended at once:\n${[...replica.program.output, ...replica.program.errors].join('\n')}`,
      );
    }
    return replica;
  };

  const refresher = (args?: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    startRefresher(folder, args, { ...shared, ...settingsFor(cluster, options), ...env });

  const uninstall = async () => {
    await cluster.api.delete(`${CONFIGURATIONS}/${options.name ?? WEBHOOK_CONFIGURATION}`);
    await Promise.all(replicas.map(({ program }) => kill(program)));
    await service.stop();
    if (options.aws === undefined) await aws.stop();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    for (let count = 0; count < (options.replicas ?? 1); count++) await addReplica();
    await register(cluster, serviceUrl, authority.cert, options);
  } catch (error) {
    await uninstall();
    throw error;
  }
  return {
    cluster,
    aws,
    authority,
    service,
    replicas,
    addReplica,
    async removeReplica(replica) {
      replicas.splice(replicas.indexOf(replica), 1);
      const exit = await replica.program.stop(30_000);
      service.remove(replica);
      return exit;
    },
    async loseReplica(replica) {
      replicas.splice(replicas.indexOf(replica), 1);
      service.remove(replica);
      return kill(replica.program);
    },
    refresh: async (args, env) => (await refresher(args, env)).run,
    startRefresher: (args) => refresher(args),
    uninstall,
  };
}

function settingsFor({ kubeconfigFile }: Cluster, { namespaceLabels = {} }: InstallationOptions) {
  const labels = Object.entries(namespaceLabels).map((pair) => pair.join('='));
  return { KUBECONFIG: kubeconfigFile, NAMESPACE_LABELS: labels.join(',') };
}

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** Registers the webhook and waits until the API server calls it. A new configuration takes a moment. */
async function register(
  { api }: Cluster,
  serviceUrl: string,
  ca: string,
  options: InstallationOptions,
): Promise<void> {
  const configuration = webhookConfiguration({ ...options, url: `${serviceUrl}/sync`, ca });
  const answer = await api.create(CONFIGURATIONS, configuration);
  if (answer.status !== 201) throw new Error(`The webhook could not be registered: ${answer.body.message}`);
  const namespace = `${configuration.metadata.name}-probe`;
  const probe = `/api/v1/namespaces/${namespace}`;
  await api.create('/api/v1/namespaces', {
    metadata: {
      name: namespace,
      labels: { 'ecr-anywhere.centml.ai/namespace': 'enabled', ...options.namespaceLabels },
    },
  });
  // Only the webhook refuses an Opaque Secret. The namespace stays: without a controller manager, a
  // real API server would never finish deleting it.
  await eventually('the API server calls the webhook', async () => {
    const { status } = await api.create(`${probe}/secrets?dryRun=All`, {
      metadata: { name: 'probe', labels: { 'ecr-anywhere.centml.ai/managed': 'true' } },
    });
    return status === 422;
  });
}

function kill(program: Program): Promise<Exit> {
  program.signal('SIGKILL');
  return program.ended;
}

function ended(program: Program): boolean {
  return !program.running;
}
