import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificateAuthority, type KubernetesObject } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { review } from '../good-reviews.ts';
import { auths, fakeSecret, stageOn, type Stage } from '../stage.ts';
import { installRelease, surroundings, type Release } from './chart/release.ts';
import { ACCOUNT, REGION, REGISTRY_HOST, startAws, type AwsInCluster } from './cluster/aws.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { outcomeOfPull, pullingPod } from './cluster/pull.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';
import { askFromPod, type Question } from './cluster/stranger.ts';
import { mirror, testbedFolder } from './cluster/testbed.ts';

const PROFILE = 'ecr-anywhere.centml.ai/profile';
const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/ecr-anywhere';
const OTHER_REGION = 'eu-west-1';
const ACCOUNT_OF_B = '222222222222';
const hostOf = (account: string, region: string) => `${account}.dkr.ecr.${region}.amazonaws.com`;
/** Team A has two regions. All nodes can pull from the registry of the first one, and only the testbed from the others. */
const A_HERE = REGISTRY_HOST;
const A_ELSEWHERE = hostOf(ACCOUNT, OTHER_REGION);
const OF_B = hostOf(ACCOUNT_OF_B, REGION);

/** As docs/profiles.md leads through it. The tests build on each other. */
describe('two teams with a role each', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let teamA: Stage;
  let teamB: Stage;
  let release: Release | undefined;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    if (onTestbed) for (const host of [A_ELSEWHERE, OF_B]) await mirror(host);
    [teamA, teamB] = [await stageOn(cluster), await stageOn(cluster)];
    const keys = { AWS_ACCESS_KEY_ID: aws.keys.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.keys.secretAccessKey };
    const rolesOf = (account: string) => ({ roles: [{ arn: `arn:aws:iam::${account}:role/ecr-pull` }] });
    release = await installRelease(cluster, {
      ...surroundings(aws),
      pod: { container: { env: Object.entries(keys).map(([name, value]) => ({ name, value })) } },
      cronjob: { suspend: true, backoffLimit: 0 },
      callers: { mode: 'aggregated' },
      profiles: [
        {
          name: 'team-a',
          namespaces: [teamA.namespace],
          regions: [REGION, OTHER_REGION],
          identity: rolesOf(ACCOUNT),
        },
        { name: 'team-b', namespaces: [teamB.namespace], region: REGION, identity: rolesOf(ACCOUNT_OF_B) },
      ],
    });
  }, 240_000);

  afterAll(async () => {
    await release?.uninstall();
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  const secretWith = (name: string, profile: string): KubernetesObject => {
    const secret = fakeSecret(name);
    return { ...secret, metadata: { ...secret.metadata, annotations: { [PROFILE]: profile } } };
  };

  /** Lets kubelet pull an image from `host` with the Secret. @returns `running`, or why there is no image */
  async function pull({ namespace }: Stage, secret: string, host: string): Promise<string> {
    const name = `${secret}-from-${host.replaceAll('.', '-').slice(0, 30)}`;
    await cluster.apply(pullingPod(name, namespace, secret, host));
    return outcomeOfPull(cluster, namespace, name);
  }

  /** Writes a Secret of team B's own, which ECR Anywhere does not manage. Its credential for `host` is copied. */
  async function copy(name: string, auth: string | undefined, host: string): Promise<void> {
    const config = Buffer.from(JSON.stringify({ auths: { [host]: { auth } } })).toString('base64');
    const secret = { ...fakeSecret(name), metadata: { name }, data: { '.dockerconfigjson': config } };
    expect((await teamB.write(secret)).status).toBe(201);
  }

  it('lets team A pull with the credentials of its role, from both of its regions', async () => {
    expect((await teamA.write(secretWith('pull', 'team-a'))).status).toBe(201);
    expect(Object.keys(auths(await teamA.read('pull')))).toEqual([A_HERE, A_ELSEWHERE]);
    expect(await pull(teamA, 'pull', A_HERE)).toBe('running');
    if (onTestbed) expect(await pull(teamA, 'pull', A_ELSEWHERE)).toBe('running');
  }, 120_000);

  it("refuses team B the profile of team A, and team B's pod does not get the image of team A", async () => {
    const { status, body } = await teamB.write(secretWith('stolen', 'team-a'));
    expect(status).toBe(422);
    expect(body.message).toContain(
      'This namespace may not use the profile team-a of ECR Anywhere, or there is none of this name; ' +
        `set ${PROFILE} to one that it may use: team-b`,
    );
    expect((await cluster.api.get(`${teamB.path}/stolen`)).status).toBe(404);
    expect(await pull(teamB, 'stolen', A_HERE)).toContain('authorization failed: no basic auth credentials');
  }, 90_000);

  it("gives team B the credentials of its own role, which do not open team A's registry", async () => {
    expect((await teamB.write(secretWith('own', 'team-b'))).status).toBe(201);
    const own = auths(await teamB.read('own'));
    expect(Object.keys(own)).toEqual([OF_B]);
    if (onTestbed) expect(await pull(teamB, 'own', OF_B)).toBe('running');
    await copy('renamed', own[OF_B]?.auth, A_HERE);
    expect(await pull(teamB, 'renamed', A_HERE)).toContain('403 Forbidden');
  }, 120_000);

  it('gives credentials of one region that do not open the registry of another one', async () => {
    await copy('of-another-region', auths(await teamA.read('pull'))[A_ELSEWHERE]?.auth, A_HERE);
    expect(await pull(teamB, 'of-another-region', A_HERE)).toContain('401 Unauthorized');
  }, 90_000);

  it("answers no review for team A's namespace that a pod of team B has forged", async () => {
    const { webhooks } = (await cluster.api.get(CONFIGURATION)).body as unknown as Configuration;
    const { name, path } = webhooks[0].clientConfig.service;
    expect(name).toBe('kubernetes'); // the API server calls its own aggregation layer
    const asApiServer = { 'x-remote-user': 'system:apiserver', 'x-remote-group': 'system:masters' };
    const forged = await createCertificateAuthority('front-proxy-ca');
    const { cert, key } = await forged.issue({ subject: 'CN=front-proxy-client', usages: ['clientAuth'] });
    const forgeries: Question[] = [
      { path: '/sync' },
      { path },
      { path, headers: asApiServer },
      { path, headers: asApiServer, certificate: { cert, key } },
    ];
    const nothing = { status: 404, hasPatch: false };
    expect(await ask(forgeries)).toEqual(forgeries.map(() => nothing));
    if (!onTestbed) return;
    // The same review gets credentials if the API server's front proxy sends it.
    const pki = (file: string) => readFile(join(testbedFolder, 'pki', file), 'utf8');
    const certificate = { cert: await pki('front-proxy.crt'), key: await pki('front-proxy.key') };
    expect(await ask([{ path, headers: asApiServer, certificate }])).toEqual([
      { status: 200, hasPatch: true },
    ]);
  }, 90_000);

  /** A pod of team B sends reviews of a Secret of team A. */
  function ask(questions: readonly Question[]) {
    const { metadata } = secretWith('forged', 'team-a');
    return askFromPod(cluster, teamB.namespace, {
      host: `ecr-anywhere.${release?.namespace}.svc`,
      body: review({ metadata }, { namespace: teamA.namespace, name: 'forged' }),
      questions,
    });
  }

  it('gives the refresher the same profiles: no Secret is due because of other settings', async () => {
    expect(await release?.refresh()).toMatchObject({
      code: 0,
      message: expect.stringMatching(/^checked 2, due 0, refreshed 0, failed 0;/),
    });
  }, 90_000);
});

interface Configuration {
  readonly webhooks: readonly [
    { readonly clientConfig: { readonly service: { readonly name: string; readonly path: string } } },
  ];
}
