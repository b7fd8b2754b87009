import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, startRealCluster, type KubernetesObject } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { auths, fakeSecret, stageOn, type Stage } from '../stage.ts';
import { ACCOUNT, REGION, REGISTRY_HOST, startAws, type AwsInCluster } from './cluster/aws.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { applyOwnTls } from './cluster/own-tls.ts';
import {
  CHART,
  installRelease,
  scenarioValues,
  surroundings,
  untilServed,
  type Release,
} from './chart/release.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';
import { underWrites } from './under-writes.ts';

const NAMESPACE = `variants-${process.pid}`;
/** Ports that neither the webhook has by default, nor a program of the testbed. */
const OTHER_PORTS = { https: 9443, metrics: 9081 };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ecr-pull`;

describe('an installation', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let release: Release | undefined;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await cluster.kubectl(['create', 'namespace', NAMESPACE]);
  }, 180_000);

  afterAll(async () => {
    await cluster?.tryKubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 60_000);

  beforeEach(async () => {
    await aws.reset();
    stage = await stageOn(cluster);
  });
  afterEach(async () => {
    await release?.uninstall();
    release = undefined;
  }, 120_000);

  const installed = async (values: Parameters<typeof installRelease>[1], served?: string) =>
    (release = await installRelease(cluster, values, { namespace: NAMESPACE, ...(served && { served }) }));
  const isFilled = async (name: string) => Object.keys(auths(await stage.read(name))).includes(REGISTRY_HOST);

  it('refuses writes with the reason if aws.existingSecret has wrong keys, and loads new keys without a restart', async () => {
    const keys = (id: string, secret: string): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'aws-keys', namespace: NAMESPACE },
      stringData: { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret },
    });
    await cluster.apply(keys('AKIAUNKNOWN', 'unknown'));
    await installed({ ...surroundings(aws), aws: { region: REGION, existingSecret: 'aws-keys' } });
    const before = await pods();
    const refused = await stage.writeFake('too-early');
    expect(refused.status).toBe(403);
    expect(refused.body.message).toMatch(/denied the request: ECR Anywhere could not get an ECR token/);

    await cluster.apply(keys(aws.keys.accessKeyId, aws.keys.secretAccessKey));
    // Kubelet updates the files within its sync period. The webhook's back-off is at most half a minute.
    await eventually(
      'the new keys are in use',
      async () => (await stage.writeFake('rotated')).status === 201,
      {
        within: 180_000,
        every: 1_000,
      },
    );
    expect(await isFilled('rotated')).toBe(true);
    expect(await pods()).toEqual(before);
  }, 300_000);

  it('assumes its role with its service account token, without access keys', async () => {
    await installed({
      ...surroundings(aws),
      aws: { region: REGION, roleArn: ROLE, webIdentity: { enabled: true } },
    });
    expect((await stage.writeFake('keyless')).status).toBe(201);
    expect(await isFilled('keyless')).toBe(true);
    const calls = await aws.calls();
    expect(calls['AssumeRoleWithWebIdentity']).toBeGreaterThan(0);
    expect(calls['AssumeRole']).toBeUndefined();
  }, 200_000);

  it('keeps the certificate from Helm (tls.mode helm) during an upgrade to other ports, and refuses no write', async () => {
    const values = { tls: { mode: 'helm' } };
    const { upgrade } = await installed(scenarioValues(aws, values));
    const before = await caBundle();
    const { count, refusals } = await underWrites(stage, () =>
      upgrade(scenarioValues(aws, { ...values, webhook: { ports: OTHER_PORTS } })),
    );
    expect(refusals).toEqual([]);
    expect(count).toBeGreaterThan(100);
    expect(await caBundle()).toBe(before);
  }, 240_000);

  it('serves in the network of the node, at other ports', async () => {
    const webhook = { hostNetwork: true, ports: OTHER_PORTS };
    // Each replica needs a node of its own, and the testbed has one node.
    const { refresh } = await installed(scenarioValues(aws, { deployment: { replicas: 1 }, webhook }));
    const { count, refusals } = await underWrites(stage, () => sleep(3_000));
    expect(refusals).toEqual([]);
    expect(count).toBeGreaterThan(20);
    const addresses = await kubectlPods('jsonpath={.items[*].status.podIP} {.items[*].status.hostIP}');
    const [podIP, hostIP] = addresses.split(' ');
    expect(podIP).toBe(hostIP);
    expect((await refresh()).code).toBe(0);
  }, 200_000);

  it("serves with the user's certificate (tls.mode existingSecret)", async () => {
    const secret = { name: 'own-tls', namespace: NAMESPACE };
    const caBundle = await applyOwnTls(cluster, secret, `ecr-anywhere.${NAMESPACE}.svc`);
    await installed(scenarioValues(aws, { caBundle, tlsSecretName: secret.name }));
    expect((await stage.writeFake('own-certificate')).status).toBe(201);
    expect(await cluster.kubectl(['-n', NAMESPACE, 'get', 'certificates', '-o', 'name'])).toBe('');
  }, 200_000);

  it('fills and refreshes Secrets in rbac.namespaces, and neither fills nor lists Secrets in other namespaces', async () => {
    const other = await stageOn(cluster);
    const values = scenarioValues(aws, { rbac: { namespaces: [stage.namespace] } });
    const { refresh, upgrade } = await installed(values, stage.namespace);
    await stage.writeFake('inside');
    expect(await isFilled('inside')).toBe(true);
    // The API server itself refuses FAKE, which is no Docker configuration.
    expect(await other.writeFake('outside')).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('data[.dockerconfigjson]: Invalid value') },
    });
    const unfilled = { '.dockerconfigjson': Buffer.from('{}').toString('base64') };
    expect((await other.write({ ...fakeSecret('outside'), data: unfilled })).status).toBe(201);
    const before = await other.read('outside');
    await upgrade({ ...values, refresh: { registryHosts: ['mirror.example.com'] } }); // makes every Secret due
    expect(await refresh()).toMatchObject({
      code: 0,
      message: expect.stringMatching(/^checked 1, due 1, refreshed 1, failed 0;/),
    });
    expect(await other.read('outside')).toEqual(before);
    expect(before.data).toEqual(unfilled);
    const account = `--as=system:serviceaccount:${NAMESPACE}:ecr-anywhere-refresher`;
    const { code } = await cluster.tryKubectl([
      'auth',
      'can-i',
      'list',
      'secrets',
      '-n',
      other.namespace,
      account,
    ]);
    expect(code).toBe(1);
  }, 240_000);

  it.each([
    ['kubectl apply', []],
    ['kubectl apply --server-side', ['--server-side']],
  ])(
    'works from helm template and %s, also if they run repeatedly',
    async (_, flags) => {
      const input = JSON.stringify(scenarioValues(aws, { callers: { mode: 'none' } })); // Helm sees no cluster
      const render = ['template', 'ecr-anywhere', CHART, '-n', NAMESPACE, '--no-hooks', '-f', '-'];
      const manifests = await cluster.helm(render, { input });
      const kubectl = (...args: string[]) =>
        cluster.tryKubectl(['-n', NAMESPACE, ...args, '-f', '-'], manifests);
      const apply = () => kubectl('apply', ...flags);
      expect(await apply()).toMatchObject({ code: 0, errors: '' });
      try {
        const rollout = ['rollout', 'status', 'deployment/ecr-anywhere', '--timeout=120s'];
        await cluster.kubectl(['-n', NAMESPACE, ...rollout]);
        await untilServed(cluster);
        expect(await stage.writeFake('templated')).toMatchObject({ status: 201 });
        expect(await isFilled('templated')).toBe(true);
        expect(await apply()).toMatchObject({ code: 0, errors: '' });
        expect(await kubectl('diff', ...flags)).toEqual({ code: 0, output: '', errors: '' });
        expect(await stage.writeFake('applied-again')).toMatchObject({ status: 201 });
      } finally {
        await kubectl('delete', '--cascade=foreground'); // the Service of the next test must not select these pods
      }
    },
    240_000,
  );

  (onTestbed ? it : it.skip)(
    'fails on a cluster without cert-manager, and says in one sentence what to do; this works',
    async () => {
      const bare = await startRealCluster();
      const options = {
        env: { KUBECONFIG: bare.kubeconfigFile },
        input: JSON.stringify(scenarioValues(aws)),
      };
      const install = ['install', 'ecr-anywhere', CHART, '-f', '-'];
      try {
        const { code, errors } = await cluster.tryHelm(install, options);
        expect(code).not.toBe(0);
        expect(errors).toMatch(/cert-manager/);
        expect(errors).toMatch(/tls\.mode/);
        // Helm stores releases in Secrets, also incomplete ones.
        const secrets = await bare.api.get('/api/v1/namespaces/default/secrets');
        expect(secrets.body['items']).toEqual([]);
        await cluster.helm([...install, '--set', 'tls.mode=helm'], options);
      } finally {
        await bare.stop();
      }
    },
    120_000,
  );

  async function pods(): Promise<string[]> {
    const columns = 'custom-columns=NAME:.metadata.name,RESTARTS:.status.containerStatuses[0].restartCount';
    return (await kubectlPods(columns)).trim().split('\n').sort();
  }

  function kubectlPods(format: string): Promise<string> {
    const get = ['get', 'pods', '-l', 'app=ecr-anywhere', '--no-headers', '-o', format];
    return cluster.kubectl(['-n', NAMESPACE, ...get]);
  }

  function caBundle(): Promise<string> {
    const path = 'jsonpath={.webhooks[0].clientConfig.caBundle}';
    return cluster.kubectl(['get', 'mutatingwebhookconfiguration', 'ecr-anywhere', '-o', path]);
  }
});
