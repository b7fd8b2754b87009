import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, install, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, auths, MANAGED, stageOn, startCluster, type Stage } from './stage.ts';

const [A, B] = ['111111111111', '222222222222'] as const;
const host = (account: string) => `${account}.dkr.ecr.us-east-1.amazonaws.com`;
const role = (account: string, name = 'pull') => `arn:aws:iam::${account}:role/${name}`;
const PROFILE = 'ecr-anywhere.centml.ai/profile';

/** Two teams with a role each, as docs/profiles.md leads through. */
describe('two teams with a profile each', () => {
  let folder: string;
  let file: string;
  let cluster: Cluster;
  let installation: Installation;
  let teamA: Stage;
  let teamB: Stage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    file = join(folder, 'profiles.yaml');
    cluster = await startCluster();
    [teamA, teamB] = [await stageOn(cluster), await stageOn(cluster)];
    await put(profiles());
    installation = await install(cluster, {
      replicas: 2,
      env: { PROFILES_FILE: file },
      webhookEnv: { CERT_CHECK_INTERVAL: '100ms' },
    });
  });

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
    await rm(folder, { recursive: true });
  });

  function profiles({ roleOfA = role(A), namespaceOfB = teamB.namespace } = {}): string {
    return `
profiles:
  - name: default
    namespaces: []
  - name: team-a
    namespaces: [${teamA.namespace}]
    region: us-east-1
    identity:
      roles: [{ arn: '${roleOfA}', externalId: customer-7, sessionName: team-a }]
  - name: team-b
    namespaces: ['${namespaceOfB.slice(0, -1)}*']
    region: us-east-1
    identity:
      roles: [{ arn: '${role(B)}' }]
`;
  }
  /** Replaces the file as the kubelet does: at once. */
  async function put(text: string, name = file) {
    await writeFile(`${name}.new`, text);
    await rename(`${name}.new`, name);
  }
  const write = (stage: Stage, name: string, profile?: string) =>
    stage.write({
      metadata: {
        name,
        labels: MANAGED,
        ...(profile !== undefined && { annotations: { [PROFILE]: profile } }),
      },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'FAKE' },
    });
  const refresh = (stages: readonly Stage[], ...args: string[]) =>
    installation.refresh(['--namespaces', stages.map(({ namespace }) => namespace).join(), ...args]);
  /** The status of a pull from a team's registry with the credentials of a Secret for this or another registry. */
  async function pull(stage: Stage, name: string, from: string, credentialsFor = from): Promise<number> {
    const { auth = '' } = auths(await stage.read(name))[credentialsFor] ?? {};
    const url = `${installation.aws.registryUrl}/v2/app/manifests/latest?ns=${from}`;
    return (await fetch(url, { headers: { authorization: `Basic ${auth}` } })).status;
  }

  it('pull from the registry of their own role, and not from that of the other team', async () => {
    expect((await write(teamA, 'pull', 'team-a')).status).toBe(201);
    expect((await write(teamB, 'pull', 'team-b')).status).toBe(201);
    expect(Object.keys(auths(await teamA.read('pull')))).toEqual([host(A)]);
    expect([await pull(teamA, 'pull', host(A)), await pull(teamB, 'pull', host(B))]).toEqual([200, 200]);
    expect(await pull(teamB, 'pull', host(A), host(B))).toBe(403);
    expect(installation.aws.log()).toContainEqual(
      expect.objectContaining({
        operation: 'AssumeRole',
        roleArn: role(A),
        externalId: 'customer-7',
        sessionName: 'team-a',
      }),
    );
  });

  it.each(['team-a', 'there-is-none'])('refuse %s to team B, and name only what it may use', async (name) => {
    const { status, body } = await write(teamB, 'of-another', name);
    expect(status).toBe(422);
    expect(body.message).toContain(
      `This namespace may not use the profile ${name} of ECR Anywhere, or there is none of this name; ` +
        `set ${PROFILE} to one that it may use: team-b`,
    );
  });

  it('need a profile if the default one is not for them', async () => {
    const { status, body } = await write(teamA, 'without');
    expect(status).toBe(422);
    expect(body.message).toContain('names no profile of ECR Anywhere, and this namespace has no default one');
  });

  it('ask each role once for each replica, however many Secrets there are', async () => {
    for (const name of ['one', 'two', 'three']) await write(teamA, name, 'team-a');
    const asked = installation.aws.log().filter(({ operation }) => operation === 'GetAuthorizationToken');
    for (const account of [A, B]) {
      const ofTeam = asked.filter(({ callerArn = '' }) => callerArn.includes(`:${account}:assumed-role/`));
      expect(ofTeam).toHaveLength(2);
    }
  });

  it('get the credentials of a changed role, and only the Secrets of this team', async () => {
    const [before, other] = [await teamA.read('pull'), await teamB.read('pull')];
    await put(profiles({ roleOfA: role(A, 'other') }));
    const run = await refresh([teamA, teamB]);
    expect(run.output.at(-1)).toMatch(/checked 5, due 4, refreshed 4, failed 0/);
    expect(run.code).toBe(0);
    const after = await teamA.read('pull');
    expect(annotation(after, 'config_hash')).not.toBe(annotation(before, 'config_hash'));
    expect(annotation(await teamB.read('pull'), 'updated_at')).toBe(annotation(other, 'updated_at'));
    expect((await refresh([teamA, teamB])).output.at(-1)).toContain('due 0');
  });

  it('are refused after their namespace was taken off the list, at every write, and at a run as a failure', async () => {
    await put(profiles({ roleOfA: role(A, 'other'), namespaceOfB: 'elsewherex' }));
    await eventually('the webhook has the list', async () => {
      const { status } = await teamB.annotate('pull', { 'example.com/anything': String(Math.random()) });
      return status === 422;
    });
    expect((await refresh([teamB])).code).toBe(0); // nothing is due yet
    const run = await refresh([teamB], '--force');
    expect(run.code).toBe(1);
    expect(run.terminationMessage).toContain('may not use the profile team-b');
    expect(await pull(teamB, 'pull', host(B))).toBe(200); // what it has stays until it ends

    await put(profiles({ roleOfA: role(A, 'other') }));
    await eventually('the webhook has the list', async () => (await refresh([teamB], '--force')).code === 0);
  });

  it('keep their credentials while the file has a mistake, and are refreshed if they are due', async () => {
    const [replica] = installation.replicas;
    await put('profiles: [{ name: team-a }]');
    await eventually('the webhook reports it', () =>
      replica!.program.output.some((line) =>
        line.includes('profile team-a: regions: expected either region'),
      ),
    );
    expect((await write(teamA, 'meanwhile', 'team-a')).status).toBe(201);
    const before = await teamB.read('pull');
    const idle = await refresh([teamA, teamB]);
    expect(idle.output.at(-1)).toContain('due 0, refreshed 0, failed 0');
    const run = await refresh([teamA, teamB], '--force');
    expect(run.output.at(-1)).toMatch(/checked 6, due 6, refreshed 6, failed 0/);
    expect(annotation(await teamB.read('pull'), 'updated_at')).not.toBe(annotation(before, 'updated_at'));
    for (const { code, terminationMessage } of [idle, run]) {
      expect(code).toBe(2);
      expect(terminationMessage).toContain('PROFILES_FILE: profile team-a: regions: expected');
    }
    await put(profiles({ roleOfA: role(A, 'other') }));
  });

  it('are refreshed by two replicas with different files, as soon as both have the same', async () => {
    const late = join(folder, 'late.yaml');
    await put(profiles({ roleOfA: role(A, 'other') }), late);
    const replica = await installation.addReplica({ PROFILES_FILE: late });
    const [one, two] = installation.replicas;
    await installation.removeReplica(one!);
    await installation.removeReplica(two!);
    await installation.addReplica();
    await put(profiles());

    const { program, run } = await installation.startRefresher([
      '--namespaces',
      teamA.namespace,
      '--force',
      '--concurrency',
      '1',
    ]);
    const told = program.ended.then(() => true);
    await Promise.race([told, new Promise((passed) => setTimeout(passed, 4_000))]);
    await put(profiles(), late);
    const { code, output } = await run;
    expect(output.at(-1)).toMatch(/failed 0/);
    expect(code).toBe(0);
    expect(replica.program.running).toBe(true);
    const hashes = ['pull', 'one', 'two', 'three', 'meanwhile'].map(async (name) =>
      annotation(await teamA.read(name), 'config_hash'),
    );
    expect(new Set(await Promise.all(hashes)).size).toBe(1);
  }, 120_000);

  it('are refreshed although the webhook still refuses their namespace, as soon as it has the new list', async () => {
    const late = join(folder, 'late-list.yaml');
    await put(profiles({ namespaceOfB: 'elsewherex' }), late);
    await put(profiles());
    for (const name of ['one', 'two', 'three']) expect((await write(teamB, name, 'team-b')).status).toBe(201);
    const others = [...installation.replicas];
    const { program } = await installation.addReplica({ PROFILES_FILE: late });
    for (const replica of others) await installation.removeReplica(replica);
    const refusals = () => program.output.filter((line) => line.includes('"result":"refused"')).length;

    const { run } = await installation.startRefresher(['--namespaces', teamB.namespace, '--force']);
    await eventually('the webhook refuses a refresh', () => refusals() > 0);
    await put(profiles(), late);
    const { code, output } = await run;
    expect(output.at(-1)).toMatch(/checked 4, due 4, refreshed 4, failed 0/);
    expect(code).toBe(0);
  }, 120_000);

  it('are tested by the check of the refresher, in a namespace that may use them', async () => {
    const check = (stage: Stage) => installation.refresh(['check', stage.namespace, '--profile', 'team-a']);
    expect(await check(teamA)).toMatchObject({
      code: 0,
      terminationMessage: expect.stringContaining('the webhook filled a Secret with the profile team-a; '),
    });
    expect(Object.keys(auths(await teamA.read('ecr-secret')))).toEqual([host(A)]);
    expect(await check(teamB)).toMatchObject({
      code: 1,
      terminationMessage: expect.stringContaining('This namespace may not use the profile team-a'),
    });
  });
});
