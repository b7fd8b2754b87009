import type { FaultProxy, KubernetesApi, RefresherRun } from '@ecr-anywhere/local-installation';
import type { ListOrder } from './stage.ts';

/** What the same scenarios run on: an API server, and a way to install ECR Anywhere there. */
export interface Platform {
  /** How many Secrets a large run has there. */
  readonly largeRun: number;
  /** Whether the refresher can be brought to meet faults of the API server. */
  readonly hasFaults: boolean;
  /** In which orders lists come there. */
  readonly listOrders: readonly ListOrder[];
  startCluster(listOrder?: ListOrder): Promise<ScenarioCluster>;
  /** With faults to order, and no managed Secret but the scenario's own. */
  startFaultyCluster(listOrder?: ListOrder): Promise<FaultyScenarioCluster>;
}

export interface ScenarioCluster {
  readonly api: KubernetesApi;
  install(options?: ScenarioOptions): Promise<ScenarioInstallation>;
  stop(): Promise<void>;
}

export interface FaultyScenarioCluster extends ScenarioCluster {
  readonly fault: FaultProxy['fault'];
}

export interface ScenarioOptions {
  readonly registryHosts?: readonly string[];
}

/** ECR Anywhere, as far as it is the same as processes and in pods. */
export interface ScenarioInstallation {
  readonly aws: ScenarioAws;
  /** One run of the refresher, as a Job. */
  refresh(args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<ScenarioRun>;
  /** The same, while it is running. */
  startRefresher(args: readonly string[]): Promise<ScenarioRefresher>;
  /** Lines that the replicas of the webhook have written. */
  webhookOutput(): Promise<readonly string[]>;
  /** Resolves when nothing of the webhook runs any more. */
  stopWebhook(): Promise<void>;
  /** Resolves when it serves again. */
  startWebhook(): Promise<void>;
  uninstall(): Promise<void>;
}

/** The stand-in for AWS. */
export interface ScenarioAws {
  /** The registry's name, as images refer to it. */
  readonly registryHost: string;
  /** Where it answers. */
  readonly registryUrl: string;
  readonly accessKeys: { readonly secretAccessKey: string };
  /** How often each operation was asked for, since the last reset. */
  calls(): Promise<Readonly<Record<string, number>>>;
  resetCalls(): Promise<void>;
}

/** What became of a run. Where only a log was kept, `output` and `errors` are both all of it. */
export type ScenarioRun = Omit<RefresherRun, 'signal'>;

export interface ScenarioRefresher {
  /** SIGTERM. */
  end(): Promise<void>;
  readonly run: Promise<ScenarioRun>;
}
