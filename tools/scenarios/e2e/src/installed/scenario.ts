import { startAws, type AwsInCluster } from './cluster/aws.ts';
import { connectCluster, type InstalledCluster } from './cluster/cluster.ts';
import { installRelease, scenarioValues, type Release, type Values } from './chart/release.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';

/** The cluster with the stand-in for AWS and a release of the chart. */
export interface Scenario {
  readonly cluster: InstalledCluster;
  readonly aws: AwsInCluster;
  readonly values: Values;
  readonly release: Release;
  /** Uninstalls the release, deletes the namespaces of the scenarios, and ends the faults of AWS. */
  end(): Promise<void>;
}

/** How a scenario differs from others. */
export interface ScenarioOptions {
  /** Values beside those that all scenarios have. */
  readonly values?: Values;
  /** How long tokens of the stand-in live, in milliseconds; 12 hours by default. */
  readonly tokenLifetime?: number;
}

/** Starts AWS without faults, and installs the chart. If this fails, nothing of it stays. */
export async function startScenario({
  values: more,
  tokenLifetime,
}: ScenarioOptions = {}): Promise<Scenario> {
  const cluster = await connectCluster();
  let aws: AwsInCluster | undefined;
  let release: Release | undefined;
  const end = async () => {
    await aws?.reset();
    await release?.uninstall();
    await deleteScenarioNamespaces(cluster);
    await cluster.close();
  };
  try {
    aws = await startAws(cluster);
    await aws.reset();
    if (tokenLifetime !== undefined) await aws.setTokenLifetime(tokenLifetime);
    const values = scenarioValues(aws, more);
    release = await installRelease(cluster, values);
    return { cluster, aws, values, release, end };
  } catch (error) {
    await end();
    throw error;
  }
}
