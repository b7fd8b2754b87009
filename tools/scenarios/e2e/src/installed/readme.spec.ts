import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auths, fakeSecret } from '../stage.ts';
import { ACCOUNT, REGISTRY_HOST, startAws, type AwsInCluster } from './cluster/aws.ts';
import { startChartRepository, type ChartRepository } from './chart/chart-repository.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { command } from './cluster/command.ts';
import { nameOnTestbed, PROGRAMS, type Program } from './cluster/images.ts';
import { COMMANDS, MANIFESTS, VALUES } from './original-readme.ts';
import { outcomeOfPull } from './cluster/pull.ts';
import { CHART, surroundings, untilServed, type Values } from './chart/release.ts';

const POD = MANIFESTS.slice(MANIFESTS.lastIndexOf('---\n') + 4);

describe("the flow of the original product's README", () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let repository: ChartRepository;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    await cluster.kubectl(['delete', 'namespace', 'test', 'before', '--ignore-not-found']);
    repository = await startChartRepository(CHART);
    if (onTestbed) for (const program of PROGRAMS) await nameOnTestbed(program, await publishedName(program));
  }, 180_000);

  afterAll(async () => {
    await cluster?.tryHelm(['uninstall', 'ecr-anywhere', '--wait']);
    await cluster?.tryKubectl([
      'delete',
      'namespace',
      'test',
      'before',
      '--ignore-not-found',
      '--wait=false',
    ]);
    await repository?.stop();
    await cluster?.close();
  }, 120_000);

  it('has values that docs/upgrading.md shows, word for word', async () => {
    expect(await readFile(join(workspaceRoot(), 'docs/upgrading.md'), 'utf8')).toContain(VALUES);
  });

  it('before the installation, the API server refuses FAKE, because no webhook fills it', async () => {
    await cluster.kubectl(['create', 'namespace', 'before']);
    const { body } = await cluster.api.create('/api/v1/namespaces/before/secrets', fakeSecret('ecr-secret'));
    expect(body).toMatchObject({ code: 422, message: expect.stringContaining('.dockerconfigjson') });
  });

  it('before the installation, the registry answers a made-up password with 401', async () => {
    const login = ['--docker-username=AWS', '--docker-password=made-up', `--docker-server=${REGISTRY_HOST}`];
    await cluster.kubectl(['-n', 'before', 'create', 'secret', 'docker-registry', 'ecr-secret', ...login]);
    await cluster.kubectl(
      ['apply', '-f', '-'],
      pulledAnew(POD.replace('namespace: test', 'namespace: before')),
    );
    expect(await outcomeOfPull(cluster, 'before', 'test-pod')).toContain('401 Unauthorized');
    const refused = (await aws.registryRequests()).filter(({ path }) => path.includes('/manifests/'));
    expect(refused).not.toHaveLength(0);
    for (const { status, token } of refused)
      expect({ status, token }).toEqual({ status: 401, token: undefined });
  }, 90_000);

  it('installs the chart with only its commands and values', async () => {
    await writeFile(join(repository.folder, 'values.yaml'), filledIn(VALUES) + topLevelYaml(overlay()));
    for (const line of COMMANDS.trim().split('\n')) {
      const [program = '', ...args] = line.split(' ');
      await command(program, args, { cwd: repository.folder, env: repository.env });
    }
    await cluster.kubectl(['rollout', 'status', 'deployment/ecr-anywhere', '--timeout=120s']);
    await untilServed(cluster);
  }, 240_000);

  (onTestbed ? it : it.skip)('runs the images that the chart names by itself', async () => {
    const image = 'jsonpath={..containers[0].image}';
    const get = (what: string) => cluster.kubectl(['get', what, 'ecr-anywhere', '-o', image]);
    expect(await get('deployment')).toBe(await publishedName('webhook'));
    expect(await get('cronjob')).toBe(await publishedName('refresher'));
  });

  it('fills the FAKE Secret, and the Pod pulls its image with this Secret and runs', async () => {
    await aws.reset();
    await cluster.kubectl(['apply', '-f', '-'], pulledAnew(MANIFESTS));
    const { body } = await cluster.api.get('/api/v1/namespaces/test/secrets/ecr-secret');
    expect(Object.keys(auths(body))).toEqual([REGISTRY_HOST]);
    expect(await outcomeOfPull(cluster, 'test', 'test-pod')).toBe('running');
    const pulled = (await aws.registryRequests()).filter(({ status }) => status === 200);
    expect(pulled.map(({ path }) => path)).toContain(
      '/v2/test/manifests/923442bcd004d94c1f7447e1ae14f36d39d77b0e',
    );
    for (const { token } of pulled) expect(token).toEqual(expect.any(String));
  }, 90_000);

  it('never puts the keys into the Deployment', async () => {
    const deployment = await cluster.kubectl(['get', 'deployment', 'ecr-anywhere', '-o', 'yaml']);
    expect(deployment).not.toContain(aws.keys.secretAccessKey);
    expect(deployment).not.toContain(aws.keys.accessKeyId);
  });

  it('passes helm test, which leaves nothing behind', async () => {
    await cluster.helm(['test', 'ecr-anywhere', '--timeout', '2m']);
    const namespaces = await cluster.kubectl(['get', 'namespaces', '-o', 'name']);
    const left = namespaces.split('\n').filter((name) => name.includes('ecr-anywhere-check'));
    for (const name of left) await cluster.kubectl(['wait', '--for=delete', name, '--timeout=60s']);
  }, 200_000);

  /** On the testbed, the images have the names from the chart. On another cluster, they have the names of `IMAGES`. */
  function overlay(): Values {
    const { image, ...rest } = surroundings(aws);
    return onTestbed ? rest : { image, ...rest };
  }

  function filledIn(values: string): string {
    const fill = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
    const keys = [aws.keys.accessKeyId, aws.keys.secretAccessKey];
    const withKeys = fill.reduce(
      (text, name, index) =>
        text.replace(`${name}\n        value: "EXAMPLE"`, `${name}\n        value: "${keys[index]}"`),
      values,
    );
    return withKeys.replace('ARN of role with ECR permissions', `arn:aws:iam::${ACCOUNT}:role/ecr-pull`);
  }
});

/** The default name of an image in the chart. */
async function publishedName(program: Program): Promise<string> {
  const appVersion = /^appVersion: '(.*)'$/m.exec(await readFile(join(CHART, 'Chart.yaml'), 'utf8'))?.[1];
  return `ghcr.io/centml/ecr-anywhere-${program}:${appVersion}`;
}

/** Keys of an object at the top level of a YAML file, each with its value as JSON, which is YAML too. */
function topLevelYaml(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
}

/** The only change to the manifests: kubelet must request the image from the registry, even if the node has it. */
function pulledAnew(manifests: string): string {
  return manifests.replace(/^( +)image: .*$/m, '$&\n$1imagePullPolicy: Always');
}
