import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, auths, ENABLED, stageOn, type Stage } from '../stage.ts';
import { REGISTRY_HOST, startAws, type AwsInCluster } from './cluster/aws.ts';
import { connectCluster, type InstalledCluster } from './cluster/cluster.ts';
import { CHART, installRelease, scenarioValues, type Release, type Values } from './chart/release.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';

const NAMESPACE = `several-${process.pid}`;
const TEAMS = ['a', 'b'] as const;
type Team = (typeof TEAMS)[number];

describe('two installations in one cluster', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  const stages = {} as Record<Team, Stage>;
  const releases = {} as Record<Team, Release>;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    for (const team of TEAMS) stages[team] = await stageOn(cluster, { ...ENABLED, team });
    await install('a', { namespaceSelector: { matchLabels: { team: 'a' } } });
  }, 240_000);

  afterAll(async () => {
    for (const release of Object.values(releases)) await release.uninstall().catch(console.error);
    await cluster?.tryKubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 240_000);

  /** Each installation writes the host of another mirror, too. So a Secret shows who filled it. */
  const valuesOf = (team: Team, more: Values) =>
    scenarioValues(aws, {
      name: `pull-${team}`,
      refresh: { registryHosts: [`${team}.example.com`] },
      deployment: { replicas: 1 },
      ...more,
    });
  const install = async (team: Team, more: Values) => {
    const options = { name: `pull-${team}`, namespace: NAMESPACE, served: stages[team].namespace };
    releases[team] = await installRelease(cluster, valuesOf(team, more), options);
  };
  const mirrorsIn = async (team: Team) =>
    Object.keys(auths(await stages[team].read('pull'))).filter((host) => host !== REGISTRY_HOST);
  const refusal = async (values: Values) => {
    const { code, errors } = await cluster.tryHelm(['install', 'second', CHART, '-n', NAMESPACE, '-f', '-'], {
      input: JSON.stringify(values),
    });
    expect(code).not.toBe(0);
    return errors;
  };

  it('cannot have the same name', async () => {
    const values = valuesOf('a', { namespaceSelector: { matchLabels: { team: 'b' } } });
    expect(await refusal(values)).toContain(
      `name: pull-a is the name of another installation, the release pull-a in the namespace ${NAMESPACE}: set name to another one`,
    );
  });

  it.each<[string, Values]>([
    ['every namespace', {}],
    ['a named namespace', { rbac: { namespaces: ['default'] } }],
    ['namespaces with another label', { namespaceSelector: { matchLabels: { env: 'prod' } } }],
  ])(
    'cannot be installed if the second one serves %s, and the first one those with a label',
    async (_, more) => {
      expect(await refusal(valuesOf('b', more))).toContain(
        `the MutatingWebhookConfiguration pull-a, of the release pull-a in the namespace ${NAMESPACE}, may select the same namespaces as pull-b`,
      );
    },
  );

  it('fill and refresh their own Secrets, and nobody else’s', async () => {
    await install('b', { namespaceSelector: { matchLabels: { team: 'b' } } });
    for (const team of TEAMS) {
      expect((await stages[team].writeFake('pull')).status).toBe(201);
      expect(await mirrorsIn(team)).toEqual([`${team}.example.com`]);
    }
    const ofA = await stages.a.read('pull');
    await releases.b.upgrade(
      valuesOf('b', {
        namespaceSelector: { matchLabels: { team: 'b' } },
        refresh: { registryHosts: ['new.example.com'] },
      }),
    );
    expect(await releases.b.refresh()).toMatchObject({
      code: 0,
      message: expect.stringMatching(/^checked 1, due 1, refreshed 1, failed 0;/),
    });
    expect(await mirrorsIn('b')).toEqual(['new.example.com']);
    expect(await releases.a.refresh()).toMatchObject({
      code: 0,
      message: expect.stringMatching(/^checked 1, due 0, refreshed 0, failed 0;/),
    });
    expect(annotation(await stages.a.read('pull'), 'updated_at')).toBe(annotation(ofA, 'updated_at'));
  }, 300_000);

  it('pass helm test, which fails after somebody has edited a webhook configuration so that they overlap', async () => {
    const test = (team: Team) =>
      cluster.tryHelm(['test', `pull-${team}`, '-n', NAMESPACE, '--timeout', '2m']);
    for (const team of TEAMS) expect(await test(team)).toMatchObject({ code: 0 });
    const edit = (selector: string) =>
      cluster.kubectl([
        ...['patch', 'mutatingwebhookconfiguration', 'pull-b', '--type=json', '-p'],
        `[{"op": "replace", "path": "/webhooks/0/namespaceSelector/matchLabels", "value": ${selector}}]`,
      ]);
    await edit(JSON.stringify(ENABLED));
    const { code, output, errors } = await test('a');
    expect(code).not.toBe(0);
    expect(output + errors).toContain(
      `the MutatingWebhookConfiguration pull-b, of the release pull-b in the namespace ${NAMESPACE}, may select the same namespaces as pull-a`,
    );
    await edit(JSON.stringify({ ...ENABLED, team: 'b' }));
  }, 300_000);

  it('can change from labels to named namespaces, one after the other', async () => {
    const labelled = (team: Team) => ({ namespaceSelector: { matchLabels: { team } } });
    const named = (team: Team) => ({ rbac: { namespaces: [stages[team].namespace] } });
    for (const team of TEAMS)
      await releases[team].upgrade(valuesOf(team, { ...labelled(team), ...named(team) }));
    for (const team of TEAMS) await releases[team].upgrade(valuesOf(team, named(team)));
    for (const team of TEAMS) {
      expect((await stages[team].writeFake('named')).status).toBe(201);
      expect(await releases[team].refresh()).toMatchObject({
        code: 0,
        message: expect.stringMatching(/^checked 2, due \d, refreshed \d, failed 0;/),
      });
    }
  }, 480_000);
});
