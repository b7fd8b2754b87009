import type { FaultProxy, KubernetesApi, RefresherRun } from '@ecr-anywhere/local-installation';
import type { ListOrder } from './stage.ts';

/** A platform for scenarios: an API server, and a way to install ECR Anywhere on it. */
export interface Platform {
  /** The number of Secrets in a large run. */
  readonly largeRun: number;
  /** Whether tests can order faults of the API server for the refresher. */
  readonly hasFaults: boolean;
  /** The orders of lists to test. Tests that do not depend on the order run with the first one. */
  readonly listOrders: readonly ListOrder[];
  startCluster(listOrder?: ListOrder): Promise<ScenarioCluster>;
  /** A cluster with faults, and without managed Secrets of other scenarios. */
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

/** An installed ECR Anywhere: processes or pods. */
export interface ScenarioInstallation {
  readonly aws: ScenarioAws;
  /** One run of the refresher, as a Job. */
  refresh(args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<ScenarioRun>;
  /** Starts a run of the refresher, and does not wait for its end. */
  startRefresher(args: readonly string[]): Promise<ScenarioRefresher>;
  /** Lines that the replicas of the webhook have written. */
  webhookOutput(): Promise<readonly string[]>;
  /** Resolves when no replica of the webhook runs any more. */
  stopWebhook(): Promise<void>;
  /** Resolves when the webhook is ready again. */
  startWebhook(): Promise<void>;
  uninstall(): Promise<void>;
}

/** The stand-in for AWS. */
export interface ScenarioAws {
  /** The registry's name, as images refer to it. */
  readonly registryHost: string;
  /** The registry's address. */
  readonly registryUrl: string;
  readonly accessKeys: { readonly secretAccessKey: string };
  /** The number of calls of each operation since the last reset. */
  calls(): Promise<Readonly<Record<string, number>>>;
  resetCalls(): Promise<void>;
}

/** The result of a run. In pods, `output` and `errors` are the same: the whole log. */
export type ScenarioRun = Omit<RefresherRun, 'signal'>;

export interface ScenarioRefresher {
  /** SIGTERM. */
  end(): Promise<void>;
  readonly run: Promise<ScenarioRun>;
}
