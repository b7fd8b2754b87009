import { eventually, type ApiAnswer, type KubernetesObject } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, stageOn, type Stage } from '../stage.ts';
import type { AwsInCluster } from './cluster/aws.ts';
import type { InstalledCluster } from './cluster/cluster.ts';
import { shortThreshold, type Release } from './chart/release.ts';
import { metricOfReplicas } from './chart/replicas.ts';
import { startScenario, type Scenario } from './scenario.ts';

const LIFETIME = 90_000;
const THRESHOLD = 40_000;

describe('during an outage of AWS', () => {
  let scenario: Scenario | undefined;
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let release: Release;
  let stage: Stage;

  beforeAll(async () => {
    // A cached token can be used while it has more than 50 s left. A Secret is due if it has less than 40 s left.
    scenario = await startScenario({
      tokenLifetime: LIFETIME,
      values: {
        ...shortThreshold(`${THRESHOLD / 1_000}s`),
        refresh: { margin: '10s' },
        webhook: { tokenReuse: '5s' },
      },
    });
    ({ cluster, aws, release } = scenario);
    stage = await stageOn(cluster);
  }, 240_000);

  afterAll(() => scenario?.end(), 120_000);

  it('uses the cached token with warnings, then refuses writes with the reason; the Job fails, and a run after the outage repairs all', async () => {
    await stage.writeFake('existing');
    const existing = await stage.read('existing');
    await aws.fail('reset');

    const bridged = await written('is filled from the cached token', ({ status, warnings }) => {
      return status === 201 && warnings.length > 0;
    });
    expect(bridged.warnings.join()).toContain('ECR Anywhere cannot renew its token (network)');

    const refused = await written('is refused', ({ status }) => status !== 201);
    expect(refused.status).toBe(503);
    expect(refused.body.message).toMatch(
      /denied the request: ECR Anywhere could not get an ECR token: ECR in us-east-1 could not be reached/,
    );

    await eventually(
      'every Secret is due',
      async () => (await ends()).every((end) => end < Date.now() + THRESHOLD),
      {
        within: LIFETIME,
        every: 500,
      },
    );
    const run = await release.refresh();
    expect(run.code).toBe(1);
    expect(run.message).toMatch(/refreshed 0, failed [1-9].*first failure: .*could not be reached/);
    await inNamespace('wait', '--for=condition=Failed', `job/${run.job}`, '--timeout=60s');
    const reason = 'jsonpath={.status.conditions[?(@.type=="Failed")].reason}';
    expect(await inNamespace('get', 'job', run.job, '-o', reason)).toBe('BackoffLimitExceeded');
    const described = await inNamespace('describe', 'pods', '-l', 'app=ecr-anywhere-refresher');
    expect(described).toContain('could not be reached');
    expect(await stage.read('existing')).toEqual(existing);

    const newest = Date.now() + LIFETIME; // all earlier tokens expire before this time
    await aws.reset();
    // A replica may wait half a minute before it retries.
    const expiry = 'ecr_anywhere_token_expiry_timestamp_seconds{profile="default",region="us-east-1"}';
    await eventually(
      'every replica has renewed its token',
      async () => {
        const expiries = await metricOfReplicas(cluster, release, expiry);
        return expiries.length === 2 && expiries.every((seconds) => seconds * 1_000 > newest);
      },
      { within: 60_000, every: 500 },
    );
    const repaired = await release.refresh();
    expect(repaired).toMatchObject({ code: 0, message: expect.stringMatching(/failed 0; first to end: /) });
    await inNamespace('wait', '--for=condition=Complete', `job/${repaired.job}`, '--timeout=60s');
    expect((await ends()).filter((end) => end < newest)).toEqual([]);
    expect(await stage.writeFake('afterwards')).toMatchObject({ status: 201, warnings: [] });
  }, 300_000);

  const inNamespace = (...args: string[]) => cluster.kubectl(['-n', release.namespace, ...args]);

  /** The expiry of the credentials in each Secret. */
  async function ends(): Promise<number[]> {
    const items = (await cluster.api.get(stage.path)).body['items'] as KubernetesObject[];
    return items.map((secret) => Date.parse(annotation(secret, 'expires_at') ?? ''));
  }

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
