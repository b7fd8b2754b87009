import { eventually } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { annotation, fakeSecret, stageOn, type Stage } from '../stage.ts';
import type { InstalledCluster } from './cluster/cluster.ts';
import { untilServed, type Release, type Values } from './chart/release.ts';
import { startScenario, type Scenario } from './scenario.ts';

const NAMESPACE_LABEL = 'ecr-anywhere.centml.ai/namespace';
const MANAGED_LABEL = 'ecr-anywhere.centml.ai/managed';

describe('while the webhook is down', () => {
  let scenario: Scenario | undefined;
  let cluster: InstalledCluster;
  let release: Release;
  let values: Values;
  let stage: Stage;

  beforeAll(async () => {
    scenario = await startScenario({ values: { refresher: { concurrency: 1 } } });
    ({ cluster, release, values } = scenario);
  }, 240_000);

  afterAll(() => scenario?.end(), 120_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
  });

  const label = (value: string | null) =>
    cluster.api.patch(`/api/v1/namespaces/${stage.namespace}`, {
      metadata: { labels: { [NAMESPACE_LABEL]: value } },
    });

  it('a labelled Secret is refused, and nothing else in the cluster is blocked', async () => {
    await stage.writeFake('existing');
    await stage.writeFake('leaving');
    await cluster.kubectl(['-n', release.namespace, 'scale', 'deployment', release.name, '--replicas=0']);
    const selector = encodeURIComponent(`app=${release.name}`);
    await eventually(
      'the replicas are gone',
      async () => {
        const { body } = await cluster.api.get(
          `/api/v1/namespaces/${release.namespace}/pods?labelSelector=${selector}`,
        );
        return (body['items'] as unknown[]).length === 0;
      },
      { within: 60_000, every: 200 },
    );
    try {
      const refused = await stage.writeFake('while-away');
      expect(refused).toMatchObject({
        status: 500,
        body: { message: expect.stringContaining('failed calling webhook') },
      });

      const plain = { ...fakeSecret('plain'), metadata: { name: 'plain' }, type: 'Opaque' };
      expect((await stage.write(plain)).status).toBe(201);
      await cluster.kubectl(['-n', stage.namespace, 'create', 'configmap', 'unaffected']);
      await cluster.kubectl(['create', 'namespace', `${stage.namespace}-unaffected`]);
      await cluster.kubectl(['delete', 'namespace', `${stage.namespace}-unaffected`, '--wait=false']);
      const freed = await cluster.api.patch(`${stage.path}/leaving`, {
        metadata: { labels: { [MANAGED_LABEL]: null } },
      });
      expect(freed.status).toBe(200);
      expect((await cluster.api.delete(`${stage.path}/existing`)).status).toBe(200);
    } finally {
      await release.upgrade(values);
      await cluster.kubectl(['-n', release.namespace, 'scale', 'deployment', release.name, '--replicas=2']);
      await cluster.kubectl([
        '-n',
        release.namespace,
        'rollout',
        'status',
        'deployment',
        release.name,
        '--timeout=60s',
      ]);
      await untilServed(cluster);
    }
  }, 180_000);

  it('if the webhook configuration was deleted, the refresher reports it and fails', async () => {
    await stage.writeFake('unprotected');
    const configuration = await cluster.kubectl([
      'get',
      'mutatingwebhookconfiguration',
      release.name,
      '-o',
      'json',
    ]);
    await cluster.kubectl(['delete', 'mutatingwebhookconfiguration', release.name]);
    await notCalled();
    await stage.annotate('unprotected', { expires_at: new Date(Date.now() + 60_000).toISOString() });
    const run = await release.refresh();
    await cluster.kubectl(['create', '-f', '-'], withoutVersion(configuration));
    await untilServed(cluster);
    expect(run.code).toBe(1);
    expect(run.message).toContain('the webhook was not called');
    expect(run.message).toContain('MutatingWebhookConfiguration');
  }, 120_000);

  it('if a namespace loses its label during a run, the refresher reports it and fails', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `pull-${String(index).padStart(3, '0')}`);
    for (const name of names) expect((await stage.writeFake(name)).status).toBe(201);
    // Other settings make every Secret due.
    await release.upgrade({ ...values, refresh: { registryHosts: ['mirror.example.com'] } });
    const running = release.refresh();
    await eventually(
      'the run has begun',
      async () => {
        return annotation(await stage.read('pull-000'), 'marked_for_update_at') !== undefined;
      },
      { within: 60_000 },
    );
    await label(null);
    const run = await running;
    expect(run.code).toBe(1);
    // Since Kubernetes 1.30, the chart's policy refuses the refresher there. Before, the API server takes the mark.
    expect(run.message).toMatch(
      /the webhook was not called: check that the namespace still has the label|denied request: the refresher may only change Secrets in namespaces with the label/,
    );
    await label('enabled');
    await untilServed(cluster);
    await eventually('the next run repairs it', async () => (await release.refresh()).code === 0, {
      within: 60_000,
    });
  }, 240_000);

  it('if a refreshed Secret becomes due in a namespace that has lost its label, the Job fails and says how to repair it', async () => {
    await stage.writeFake('left-behind');
    await label(null);
    expect((await release.refresh()).code).toBe(0); // not due yet
    await stage.annotate('left-behind', { expires_at: new Date(Date.now() + 60_000).toISOString() });
    const run = await release.refresh();
    expect(run.code).toBe(1);
    expect(run.message).toContain(`${stage.namespace}/left-behind`);
    expect(run.message).toContain('put the label back');
    await cluster.api.delete(`${stage.path}/left-behind`);
  }, 120_000);

  /** The API server needs a moment to notice a change of a webhook configuration. */
  function notCalled(): Promise<unknown> {
    return eventually('the API server no longer calls the webhook', async () => {
      const probe = { ...fakeSecret('probe'), type: 'Opaque' };
      return (await cluster.api.create(`${stage.path}?dryRun=All`, probe)).status === 201;
    });
  }
});

function withoutVersion(json: string): string {
  const { metadata, ...rest } = JSON.parse(json) as { metadata: Record<string, unknown> };
  const { resourceVersion: _, uid: __, ...kept } = metadata;
  return JSON.stringify({ ...rest, metadata: kept });
}
