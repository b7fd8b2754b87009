import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  eventually,
  install,
  type Cluster,
  type Installation,
  type KubernetesObject,
} from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inLanes } from './lanes.ts';
import { annotation, fakeSecret, onRealCluster, stageOn, startCluster, type Stage } from './stage.ts';

const COUNT = onRealCluster ? 2_000 : 200;
/** Secrets of the other profile. */
const OTHERS = COUNT / 10;
const REGIONS = ['us-east-1', 'eu-west-1'];
const REPLICAS = 2;
/** A run over few Secrets must not end before the role changes again. */
const SLOWLY = onRealCluster ? [] : ['--concurrency', '1'];
const [A, B] = ['111111111111', '222222222222'] as const;
const roleOfA = (name: string) => `arn:aws:iam::${A}:role/${name}`;
const nameOf = (index: number) => `pull-${String(index).padStart(4, '0')}`;

describe(`a profile with ${COUNT} Secrets, whose role changes`, () => {
  let folder: string;
  let cluster: Cluster;
  let installation: Installation;
  let teamA: Stage;
  let teamB: Stage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'role-changed-'));
    cluster = await startCluster();
    [teamA, teamB] = [await stageOn(cluster), await stageOn(cluster)];
    await putRole('first');
    installation = await install(cluster, {
      replicas: REPLICAS,
      env: { PROFILES_FILE: file() },
      webhookEnv: { CERT_CHECK_INTERVAL: '20ms' },
    });
    await fill(teamA, 'team-a', COUNT);
    await fill(teamB, 'team-b', OTHERS);
  }, 600_000);

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
    await rm(folder, { recursive: true });
  });

  const file = () => join(folder, 'profiles.yaml');

  /** Gives team A another role. Both programs read the file, which is replaced at once, as the kubelet does it. */
  async function putRole(name: string): Promise<void> {
    const profiles = [
      {
        name: 'team-a',
        namespaces: [teamA.namespace],
        regions: REGIONS,
        identity: { roles: [{ arn: roleOfA(name) }] },
      },
      {
        name: 'team-b',
        namespaces: [teamB.namespace],
        regions: REGIONS,
        identity: { roles: [{ arn: `arn:aws:iam::${B}:role/pull` }] },
      },
    ];
    await writeFile(`${file()}.new`, JSON.stringify({ profiles }));
    await rename(`${file()}.new`, file());
  }

  async function fill(stage: Stage, profile: string, count: number): Promise<void> {
    await inLanes(count, async (index) => {
      const secret = fakeSecret(nameOf(index));
      const annotations = { 'ecr-anywhere.centml.ai/profile': profile };
      const { status, body } = await stage.write({
        ...secret,
        metadata: { ...secret.metadata, annotations },
      });
      if (status !== 201) throw new Error(body.message);
    });
  }

  const secretsOf = async ({ path }: Stage) =>
    (await cluster.api.get(path)).body['items'] as readonly KubernetesObject[];
  const valuesOf = async (stage: Stage, name: string) =>
    (await secretsOf(stage)).map((secret) => annotation(secret, name));
  /** How often ECR was asked for a token with a role. */
  const tokensFor = (name: string) =>
    installation.aws
      .log()
      .filter(
        ({ operation, callerArn = '' }) =>
          operation === 'GetAuthorizationToken' && callerArn.includes(`:${A}:assumed-role/${name}/`),
      ).length;
  const namespaces = () => ['--namespaces', `${teamA.namespace},${teamB.namespace}`];

  it('during a run: the run succeeds, asks for one token for each replica and region, and touches no other profile', async () => {
    const [hash] = await valuesOf(teamA, 'config_hash');
    const others = await valuesOf(teamB, 'updated_at');
    await putRole('second'); // makes the Secrets due
    const { run } = await installation.startRefresher([...namespaces(), ...SLOWLY]);
    const isRefreshed = async () => annotation(await teamA.read(nameOf(COUNT / 10)), 'config_hash') !== hash;
    await eventually('the run has refreshed some Secrets', isRefreshed, { within: 300_000, every: 10 });
    await putRole('third');

    const { code, output } = await run;
    expect(output.at(-1)).toMatch(
      new RegExp(`^checked ${COUNT + OTHERS}, due ${COUNT}, refreshed ${COUNT}, failed 0;`),
    );
    expect(code).toBe(0);
    // Those that were refreshed before the change have the hash of the second role.
    const hashes = await valuesOf(teamA, 'config_hash');
    const outdated = hashes.filter((one) => one === hashes[0]).length;
    expect(new Set(hashes).size).toBe(2);
    expect(hashes).not.toContain(hash);
    const perRole = REPLICAS * REGIONS.length;
    expect(['first', 'second', 'third'].map(tokensFor)).toEqual([perRole, perRole, perRole]);
    expect(await valuesOf(teamB, 'updated_at')).toEqual(others);

    const next = await installation.refresh(namespaces());
    expect(next.output.at(-1)).toContain(`due ${outdated}, refreshed ${outdated}, failed 0;`);
    expect(new Set(await valuesOf(teamA, 'config_hash')).size).toBe(1);
    expect(await valuesOf(teamB, 'updated_at')).toEqual(others);
    expect(['first', 'second', 'third'].map(tokensFor)).toEqual([perRole, perRole, perRole]);
  }, 900_000);
});
