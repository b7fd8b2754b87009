import { eventually } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auths, stageOn, type Stage } from '../stage.ts';
import { REGISTRY_HOST, startAws, type AwsInCluster } from './cluster/aws.ts';
import { connectCluster, type InstalledCluster } from './cluster/cluster.ts';
import { outcomeOfPull, pullingPod } from './cluster/pull.ts';
import { metricOfReplicas } from './chart/replicas.ts';
import { installRelease, scenarioValues, type Release } from './chart/release.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';

describe('an installation', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let release: Release;
  let stage: Stage;
  let before: Set<string>;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    await cluster.tryKubectl(['create', 'namespace', 'ecr-anywhere']);
    stage = await stageOn(cluster);
    before = await everything();
    release = await installRelease(cluster, scenarioValues(aws));
  }, 240_000);

  afterAll(async () => {
    await cluster?.tryHelm(['uninstall', 'ecr-anywhere', '-n', 'ecr-anywhere', '--wait']);
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  it('writes changed values into the Secrets with the next run after helm upgrade', async () => {
    await stage.writeFake('ecr-secret');
    expect(Object.keys(auths(await stage.read('ecr-secret')))).toEqual([REGISTRY_HOST]);
    await release.upgrade(scenarioValues(aws, { refresh: { registryHosts: ['mirror.example.com:5000'] } }));
    const run = await release.refresh();
    expect(run).toMatchObject({
      code: 0,
      message: expect.stringMatching(/due 1, refreshed 1, failed 0; first to end: /),
    });
    const hosts = Object.keys(auths(await stage.read('ecr-secret')));
    expect(hosts.sort()).toEqual([REGISTRY_HOST, 'mirror.example.com:5000'].sort());
  }, 180_000);

  it('shows the result of the last run in the metrics of every replica, when kubelet has brought the report', async () => {
    await stage.writeFake('ecr-secret'); // refused if it exists
    expect((await release.refresh()).code).toBe(0);
    const labels = `{secret_namespace="${stage.namespace}",secret_name="ecr-secret"}`;
    const { metadata } = await stage.read('ecr-secret');
    const end = Date.parse(metadata?.annotations?.['ecr-anywhere.centml.ai/expires_at'] ?? '') / 1000;
    const shown = (name: string) => metricOfReplicas(cluster, release, `ecr_anywhere_${name}`);
    await eventually(
      'both replicas show the report',
      async () => {
        const ends = await shown(`first_credentials_expiry_timestamp_seconds${labels}`);
        return ends.length === 2 && ends.every((value) => value === end);
      },
      { within: 180_000, every: 2_000 },
    );
    expect(await shown('refresher_run_success')).toEqual([1, 1]);
    expect(await shown('managed_secrets{result="fresh"}')).toEqual([1, 1]);
  }, 240_000);

  it("leaves only the users' Secrets after helm uninstall; these Secrets work and can be edited", async () => {
    await release.uninstall();
    const left = await eventually(
      'the deleted objects are gone',
      async () => {
        const now = [...(await everything())].filter((object) => !before.has(object));
        return now.length <= 1 && now;
      },
      { within: 60_000, every: 1_000 },
    );
    expect(left).toEqual([`secrets/${stage.namespace}/ecr-secret`]);
    expect((await stage.annotate('ecr-secret', { expires_at: null })).status).toBe(200);
    await cluster.apply(pullingPod('after-uninstall', stage.namespace));
    expect(await outcomeOfPull(cluster, stage.namespace, 'after-uninstall')).toBe('running');
  }, 240_000);

  /** Every object of every kind, except the kinds of which Kubernetes constantly creates objects. */
  async function everything(): Promise<Set<string>> {
    const kinds = (await cluster.kubectl(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n');
    const listed = kinds.filter((kind) => !/^(events|leases|componentstatuses)/.test(kind));
    const columns = 'custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name';
    const lists = await Promise.all(
      listed.map(async (kind) => {
        const { output } = await cluster.tryKubectl(['get', kind, '-A', '--no-headers', '-o', columns]);
        return output
          .trim()
          .split('\n')
          .filter((line) => line !== '' && !line.includes('e2e-probe'))
          .map((line) => `${kind}/${line.trim().split(/\s+/).join('/')}`);
      }),
    );
    return new Set(lists.flat());
  }
});
