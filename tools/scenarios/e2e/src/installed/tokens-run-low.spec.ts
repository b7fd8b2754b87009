import { eventually } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { annotation, stageOn, type Stage } from '../stage.ts';
import type { InstalledCluster } from './cluster/cluster.ts';
import { outcomeOfPull, pullingPod } from './cluster/pull.ts';
import { shortThreshold, type Release } from './chart/release.ts';
import { startScenario, type Scenario } from './scenario.ts';

// Tokens live two and a half minutes, and the CronJob runs every minute. With real tokens, this takes half a day.
const LIFETIME = 150_000;

describe('a cluster whose tokens expire soon', () => {
  let scenario: Scenario | undefined;
  let cluster: InstalledCluster;
  let release: Release;
  let stage: Stage;

  beforeAll(async () => {
    scenario = await startScenario({
      tokenLifetime: LIFETIME,
      values: {
        cronjob: { suspend: false, schedule: '* * * * *', activeDeadlineSeconds: 60 },
        ...shortThreshold('80s'),
        refresh: { margin: '5s' },
        webhook: { tokenReuse: '10s' },
      },
    });
    ({ cluster, release } = scenario);
    stage = await stageOn(cluster);
  }, 240_000);

  afterAll(() => scenario?.end(), 120_000);

  it('a Job of the CronJob renews the Secrets before they expire, and a pod pulls after the first expiry', async () => {
    await stage.writeFake('ecr-secret');
    const firstEnd = endOf(await stage.read('ecr-secret'));
    const second = await eventually(
      'the Secret is renewed',
      async () => {
        const secret = await stage.read('ecr-secret');
        return endOf(secret) > firstEnd && secret;
      },
      { within: LIFETIME, every: 500 },
    );
    expect(Date.now()).toBeLessThan(firstEnd);
    expect(annotation(second, 'marked_for_update_at')).toBeDefined();

    const { body } = await cluster.api.get(`/apis/batch/v1/namespaces/${release.namespace}/jobs`);
    const owners = (body['items'] as Job[]).flatMap(({ metadata }) => metadata.ownerReferences ?? []);
    expect(owners).toContainEqual(expect.objectContaining({ kind: 'CronJob', name: release.name }));

    await sleep(Math.max(0, firstEnd + 2_000 - Date.now()));
    await cluster.apply(pullingPod('after-the-first-end', stage.namespace));
    expect(await outcomeOfPull(cluster, stage.namespace, 'after-the-first-end')).toBe('running');
  }, 300_000);
});

interface Job {
  readonly metadata: { readonly ownerReferences?: readonly { kind: string; name: string }[] };
}

function endOf(secret: Parameters<typeof annotation>[0]): number {
  return Date.parse(annotation(secret, 'expires_at') ?? '');
}
