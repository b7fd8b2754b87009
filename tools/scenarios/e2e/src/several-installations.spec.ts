import { install, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auths, ENABLED, stageOn, startCluster, type Stage } from './stage.ts';

const TEAMS = ['a', 'b'] as const;
type Team = (typeof TEAMS)[number];

/** Each installation writes the host of another mirror, too. So a Secret shows who filled it. */
const mirrorOf = (team: string) => `${team}.example.com`;

describe('two installations in one cluster', () => {
  let cluster: Cluster;
  const installations = {} as Record<Team, Installation>;
  const stages = {} as Record<Team, Stage>;

  beforeAll(async () => {
    cluster = await startCluster();
    for (const team of TEAMS) {
      const env = { REGISTRY_HOSTS: mirrorOf(team) };
      installations[team] = await install(cluster, { name: `pull-${team}`, namespaceLabels: { team }, env });
      stages[team] = await stageOn(cluster, { ...ENABLED, team });
    }
  }, 120_000);

  afterAll(async () => {
    for (const installation of Object.values(installations)) await installation.uninstall();
    await cluster?.stop();
  });

  const hostsIn = async (team: Team) => Object.keys(auths(await stages[team].read('pull')));
  const configuration = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/pull-b';

  it('fill their own Secrets only', async () => {
    for (const team of TEAMS) {
      expect((await stages[team].writeFake('pull')).status).toBe(201);
      expect(await hostsIn(team)).toContain(mirrorOf(team));
    }
    expect(await hostsIn('a')).not.toContain(mirrorOf('b'));
  });

  it('refresh their own Secrets only, so that both agree for ever', async () => {
    const before = await stages.a.read('pull');
    expect((await installations.b.refresh(['--force'])).output.at(-1)).toMatch(
      /^checked 1, due 1, refreshed 1, failed 0;/,
    );
    expect(await stages.a.read('pull')).toEqual(before);
    for (const team of TEAMS) {
      const { code, output } = await installations[team].refresh();
      expect(output.at(-1)).toMatch(/^checked 1, due 0, refreshed 0, failed 0;/);
      expect(code).toBe(0);
    }
  });

  it('leave a Secret as it is written if no installation serves its namespace', async () => {
    const nobodys = await stageOn(cluster, { ...ENABLED, team: 'c' });
    expect((await nobodys.writeFake('pull')).status).toBe(422); // FAKE is no Docker configuration
    for (const team of TEAMS) expect((await installations[team].refresh()).code).toBe(0);
  });

  it('pass check, which fails once their webhook configurations overlap', async () => {
    const check = (stage: Stage) => installations.a.refresh(['check', stage.namespace, 'pull-a']);
    expect(await check(await stageOn(cluster, { ...ENABLED, team: 'a' }))).toMatchObject({ code: 0 });
    const { webhooks } = (await cluster.api.get(configuration)).body as unknown as { webhooks: object[] };
    const everywhere = webhooks.map((webhook) => ({
      ...webhook,
      namespaceSelector: { matchLabels: ENABLED },
    }));
    await cluster.api.patch(configuration, { webhooks: everywhere });
    const { code, output } = await check(stages.a);
    expect(output.join()).toMatch(
      /^the MutatingWebhookConfiguration pull-b may select the same namespaces as pull-a: /,
    );
    expect(code).toBe(1);
    await cluster.api.patch(configuration, { webhooks });
  });
});
