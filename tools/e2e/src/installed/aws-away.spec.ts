import { eventually, type ApiAnswer } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stageOn, type Stage } from '../stage.ts';
import { startAws, type AwsInCluster } from './aws.ts';
import { connectCluster, type InstalledCluster } from './cluster.ts';
import { installRelease, scenarioValues, type Release } from './release.ts';
import { deleteScenarioNamespaces } from './scenario-namespaces.ts';

const LIFETIME = 90_000;

describe('while AWS is away', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let release: Release;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    await aws.setTokenLifetime(LIFETIME);
    // A token bridges while it has more than 50 s left, and a Secret is due from 40 s on.
    release = await installRelease(
      cluster,
      scenarioValues(aws, { refresh: { threshold: '40s', margin: '10s' }, webhook: { tokenReuse: '5s' } }),
    );
    stage = await stageOn(cluster);
  }, 240_000);

  afterAll(async () => {
    await aws?.reset();
    await release?.uninstall();
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  it('bridges with warnings, then refuses with the reason, harms nothing, fails its Job, and is repaired by the next run', async () => {
    await stage.writeFake('existing');
    const existing = await stage.read('existing');
    await aws.fail('reset');

    const bridged = await written('is served from the token at hand', ({ status, warnings }) => {
      return status === 201 && warnings.length > 0;
    });
    expect(bridged.warnings.join()).toContain('ECR Anywhere cannot renew its token (network)');

    const refused = await written('is refused', ({ status }) => status !== 201);
    expect(refused.status).toBe(503);
    expect(refused.body.message).toMatch(
      /denied the request: No ECR token could be had: ECR in us-east-1 could not be reached/,
    );

    const run = await eventually(
      'a Secret is due',
      async () => {
        const ended = await release.refresh();
        return ended.code !== 0 && ended;
      },
      { within: LIFETIME, every: 1_000 },
    );
    expect(run.message).toMatch(/failed [1-9].*first failure: .*could not be reached/);
    const described = await cluster.kubectl([
      '-n',
      release.namespace,
      'describe',
      'pods',
      '-l',
      'app=ecr-anywhere-refresher',
    ]);
    expect(described).toContain('could not be reached');
    expect(await stage.read('existing')).toEqual(existing);

    await aws.reset();
    await written('is accepted again', ({ status, warnings }) => status === 201 && warnings.length === 0);
    // Each replica may wait for half a minute before it tries again.
    const repaired = await eventually(
      'a run repairs all',
      async () => {
        const ended = await release.refresh();
        return ended.code === 0 && ended;
      },
      { within: 60_000, every: 5_000 },
    );
    expect(repaired.message).toMatch(/failed 0$/);
  }, 300_000);

  let secrets = 0;
  /** Writes one new Secret after another until the answer is as expected. */
  function written(what: string, isExpected: (answer: ApiAnswer) => boolean): Promise<ApiAnswer> {
    return eventually(
      `a new Secret ${what}`,
      async () => {
        const answer = await stage.writeFake(`new-${++secrets}`);
        return isExpected(answer) && answer;
      },
      { within: LIFETIME, every: 1_000 },
    );
  }
});
