import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  eventually,
  install,
  kubeconfig,
  kubernetesApi,
  WEBHOOK_CONFIGURATION,
  type ApiAnswer,
  type Cluster,
  type Connection,
  type Installation,
  type KubernetesApi,
} from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CHART_NAMESPACE, chartObjects, tokenOf } from './applied-chart.ts';
import { startLabellingWebhook } from './labelling-webhook.ts';
import {
  annotation,
  fakeSecret,
  MANAGED,
  onRealCluster,
  stageOn,
  startCluster,
  type Stage,
} from './stage.ts';

const NAMES = ['ecr-pull', 'second'];
const SECRET_NAMES = NAMES.join(',');
const NAMES_VALUE = `rbac.secretNames={${SECRET_NAMES}}`;
const REFRESHER_USER = `system:serviceaccount:${CHART_NAMESPACE}:ecr-anywhere-refresher`;
const CONFIGURATION = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${WEBHOOK_CONFIGURATION}`;
const MARK = 'ecr-anywhere.centml.ai/marked_for_update_at';
/** The API server takes seconds to see a changed webhook or policy. */
const PATIENCE = { within: 60_000 };
const POLICY = ['policy/validatingadmissionpolicy', 'policy/validatingadmissionpolicybinding'];

/** The embedded cluster has neither users with rights nor policies. */
const describeOnReal = onRealCluster ? describe : describe.skip;

describeOnReal('the service account of the refresher, with the rights and the policy of the chart', () => {
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;
  let folder: string;
  let kubeconfigFile: string;
  /** The API server, with the token of the refresher. */
  let refresher: KubernetesApi;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.api.create('/api/v1/namespaces', { metadata: { name: CHART_NAMESPACE } });
    const roles = ['serviceaccount', 'clusterrole', 'clusterrolebinding'].map((name) => `refresher/${name}`);
    await chartObjects(cluster, 'apply', [NAMES_VALUE], [...roles, ...POLICY]);
    folder = await mkdtemp(join(tmpdir(), 'least-rights-'));
    const access = await accessOf('ecr-anywhere-refresher');
    refresher = kubernetesApi(access);
    kubeconfigFile = await fileOf(access);
    installation = await install(cluster, { webhookEnv: { SECRET_NAMES, REFRESHER_USER } });
  }, 120_000);

  afterAll(async () => {
    await installation?.uninstall();
    await refresher?.close();
    await cluster?.stop();
    if (folder) await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    stage = await stageOn(cluster);
  });

  /** How the pods of a service account reach the API server. */
  const accessOf = async (account: string) => {
    const { url, ca = '' } = cluster.connection;
    return { url, ca, token: await tokenOf(cluster, account) };
  };
  const fileOf = async (access: Connection) => {
    const file = join(await mkdtemp(join(folder, 'account-')), 'kubeconfig');
    await writeFile(file, kubeconfig(access), { mode: 0o600 });
    return file;
  };
  const refresh = (...args: string[]) =>
    installation.refresh(['--output', 'json', ...args], { KUBECONFIG: kubeconfigFile, SECRET_NAMES });
  const resultsHere = (output: readonly string[]) =>
    output
      .map((line) => JSON.parse(line) as Record<string, string>)
      .filter(({ namespace }) => namespace === stage.namespace);
  const write = (patch: object, name = 'ecr-pull', path = stage.path) =>
    refresher.patch(`${path}/${name}`, patch, 'merge');
  const marked = (metadata: object = {}, fields: object = {}) => ({
    ...fields,
    metadata: { annotations: { [MARK]: new Date().toISOString() }, ...metadata },
  });

  it('suffices for a run, in all namespaces', async () => {
    const other = await stageOn(cluster);
    for (const { writeFake } of [stage, other]) await writeFake('ecr-pull');
    await stage.writeFake('second');
    const before = annotation(await stage.read('second'), 'updated_at');
    const run = await refresh('--force');
    expect([run.code, run.errors]).toEqual([0, []]);
    expect(resultsHere(run.output)).toEqual(
      NAMES.map((name) => expect.objectContaining({ name, result: 'refreshed' })),
    );
    expect(run.output.join()).toContain(other.namespace);
    expect(annotation(await stage.read('second'), 'updated_at')).not.toBe(before);
  });

  it('suffices for a run in named namespaces only, with Roles there', async () => {
    await stage.writeFake('ecr-pull');
    const values = ['name=named', NAMES_VALUE];
    const templates = ['serviceaccount', 'role', 'rolebinding'].map((name) => `refresher/${name}`);
    await chartObjects(cluster, 'apply', [...values, `rbac.namespaces={${stage.namespace}}`], templates);
    const file = await fileOf(await accessOf('named-refresher'));
    const env = { KUBECONFIG: file, SECRET_NAMES, NAMESPACES: stage.namespace };
    const run = await installation.refresh(['--force'], env);
    expect(run.terminationMessage).toMatch(/^checked 1, due 1, refreshed 1, failed 0/);
    const without = await installation.refresh(['--force'], { ...env, SECRET_NAMES: '' });
    expect(without.terminationMessage).toMatch(
      /cannot list resource "secrets".*set SECRET_NAMES to the same/,
    );
    const elsewhere = await installation.refresh(['--force'], { ...env, NAMESPACES: CHART_NAMESPACE });
    expect(elsewhere.code).not.toBe(0);
  }, 120_000);

  it('can read no Secret, and list none with another name', async () => {
    await stage.writeFake('ecr-pull');
    await cluster.api.create(stage.path, { metadata: { name: 'other' }, data: { key: 'c2VjcmV0' } });
    const list = (path: string, selector: string) =>
      refresher.get(`${path}?fieldSelector=${encodeURIComponent(selector)}`);
    expect((await list('/api/v1/secrets', 'metadata.name=ecr-pull')).status).toBe(200);
    const refused: ApiAnswer[] = [];
    for (const path of ['/api/v1/secrets', stage.path]) {
      refused.push(await refresher.get(path));
      refused.push(await refresher.get(`${path}?watch=true&timeoutSeconds=1`));
      refused.push(
        await refresher.get(`${path}?labelSelector=${encodeURIComponent(Object.keys(MANAGED).join())}`),
      );
      for (const selector of ['metadata.name=other', 'metadata.name!=ecr-pull', 'type=Opaque'])
        refused.push(await list(path, selector));
    }
    refused.push(await refresher.get(`${stage.path}/other`));
    refused.push(await refresher.get(`${stage.path}/ecr-pull`));
    refused.push(await refresher.delete(`${stage.path}/ecr-pull`));
    refused.push(await refresher.create(stage.path, fakeSecret('second')));
    refused.push(await write(marked(), 'other'));
    refused.push(await refresher.get(`/api/v1/namespaces/${stage.namespace}/configmaps`));
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
    expect(JSON.stringify(refused)).not.toContain('c2VjcmV0');
  });

  it('goes with a webhook that refuses managed Secrets with other names, and with names to be made', async () => {
    const message = 'ECR Anywhere manages only Secrets with these names: ecr-pull, second;';
    expect(await stage.writeFake('third')).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining(message) },
    });
    const { metadata, ...secret } = fakeSecret('');
    const generated = { ...secret, metadata: { labels: metadata?.labels ?? {}, generateName: 'ecr-pull' } };
    expect(await stage.write(generated)).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('"generateName"') },
    });
  });

  it('is narrowed only after a check, whose own service account may list Secrets and nothing else', async () => {
    await stage.writeFake('ecr-pull');
    const templates = ['serviceaccount', 'clusterrole', 'clusterrolebinding'];
    const objects = templates.map((name) => `refresher/names-check/${name}`);
    await chartObjects(cluster, 'apply', [NAMES_VALUE], objects);
    const access = await accessOf('ecr-anywhere-check-names');
    const env = { KUBECONFIG: await fileOf(access), SECRET_NAMES: 'second' };
    const check = await installation.refresh(['check-names'], env);
    expect(check).toMatchObject({
      code: 1,
      terminationMessage: expect.stringContaining(`${stage.namespace}/ecr-pull`),
    });
    const passed = await installation.refresh(['check-names'], { ...env, SECRET_NAMES });
    expect([passed.code, passed.output]).toEqual([
      0,
      [`every managed Secret has one of the names ecr-pull, second`],
    ]);
    const account = kubernetesApi(access);
    expect((await account.patch(`${stage.path}/ecr-pull`, marked())).status).toBe(403);
    expect((await account.get(`${stage.path}/ecr-pull`)).status).toBe(403);
    await account.close();
    await chartObjects(cluster, 'delete', [NAMES_VALUE], objects);
  }, 120_000);

  /** What the service account must not change, and the field that the webhook names. */
  const changes: [string, object, string][] = [
    ['data', marked({}, { data: { more: 'eA==' } }), 'data["more"]'],
    ['labels', marked({ labels: { more: 'x' } }), 'metadata.labels["more"]'],
    ['finalizers', marked({ finalizers: ['example.com/keep'] }), 'metadata.finalizers'],
    [
      'owner references',
      marked({ ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'f00' }] }),
      'metadata.ownerReferences',
    ],
    [
      'annotations of the user',
      { metadata: { annotations: { 'ecr-anywhere.centml.ai/profile': 'admin' } } },
      'metadata.annotations["ecr-anywhere.centml.ai/profile"]',
    ],
    ['immutability', marked({}, { immutable: true }), 'immutable'],
  ];

  it.each(changes)('cannot change %s: the webhook refuses', async (_, change, field) => {
    await stage.writeFake('ecr-pull');
    const before = await stage.read('ecr-pull');
    expect(await write(change)).toMatchObject({
      status: 403,
      body: {
        message: expect.stringMatching(/^admission webhook "ecr-anywhere.centml.ai" denied the request: /),
      },
    });
    expect((await write(change)).body.message).toContain(`this write changes ${field}, too`);
    expect(await stage.read('ecr-pull')).toEqual(before);
  });

  it('can make up who owns a field, so that another tool removes it with its next apply', async () => {
    await stage.writeFake('ecr-pull');
    await cluster.api.patch(`${stage.path}/ecr-pull`, { metadata: { labels: { team: 'blue' } } }, 'merge');
    const { metadata } = await stage.read('ecr-pull');
    const forged = {
      manager: 'gitops',
      operation: 'Apply',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:team': {} } } },
    };
    expect((await write(marked({ managedFields: [forged] }))).status).toBe(200);
    const { managedFields } = (await stage.read('ecr-pull')).metadata as { managedFields?: object[] };
    expect(managedFields).toContainEqual(expect.objectContaining({ manager: 'gitops', operation: 'Apply' }));
    expect(metadata?.labels).toMatchObject({ team: 'blue' });
    const applied = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ecr-pull', labels: MANAGED },
      type: 'kubernetes.io/dockerconfigjson',
    };
    const byTool = await cluster.api.patch(`${stage.path}/ecr-pull?fieldManager=gitops`, applied, 'apply');
    expect(byTool.status).toBe(200);
    expect((await stage.read('ecr-pull')).metadata?.labels).toEqual(MANAGED);
  });

  it('cannot change a Secret that loses its label, or whose namespace is not enabled: the policy refuses', async () => {
    await stage.writeFake('ecr-pull');
    const unlabelled = await write(marked({ labels: { 'ecr-anywhere.centml.ai/managed': null } }));
    expect(unlabelled).toMatchObject({
      status: 403,
      body: { message: deniedFor('may only change Secrets with') },
    });
    await cluster.api.create(stage.path, { metadata: { name: 'second' } });
    expect(await write(marked(), 'second')).toMatchObject({
      status: 403,
      body: { message: deniedFor('may only change Secrets with the label ecr-anywhere.centml.ai/managed') },
    });
    // If it adds the label, the API server calls the webhook, which refuses first.
    expect((await write(marked({ labels: MANAGED }), 'second')).status).toBe(403);
    const plain = await stageOn(cluster, {});
    await plain.write({ ...fakeSecret('ecr-pull'), data: { '.dockerconfigjson': 'e30=' } });
    expect(await write(marked(), 'ecr-pull', plain.path)).toMatchObject({
      status: 403,
      body: { message: deniedFor('may only change Secrets in namespaces with the label') },
    });
  });

  it('cannot change a Secret that is being deleted: the policy refuses', async () => {
    await stage.writeFake('ecr-pull');
    await cluster.api.patch(`${stage.path}/ecr-pull`, { metadata: { finalizers: ['example.com/keep'] } });
    await cluster.api.delete(`${stage.path}/ecr-pull`);
    expect(await write(marked())).toMatchObject({
      status: 403,
      body: { message: deniedFor('may not change a Secret that is being deleted') },
    });
    await cluster.api.patch(`${stage.path}/ecr-pull`, { metadata: { finalizers: null } });
  });

  describe('while another webhook changes Secrets before ours', () => {
    it('is refused, and its run fails and names the field', async () => {
      await stage.writeFake('ecr-pull');
      const other = await startLabellingWebhook(cluster);
      try {
        const run = await eventually(
          'the API server calls the other webhook',
          async () => {
            const ended = await refresh('--force');
            return ended.code === 1 ? ended : undefined;
          },
          PATIENCE,
        );
        expect(resultsHere(run.output)).toEqual([
          expect.objectContaining({
            result: 'failed',
            message: expect.stringContaining(`this write changes metadata.labels["${other.label}"], too`),
          }),
        ]);
      } finally {
        await other.stop();
      }
    }, 180_000);

    it('is refused by the policy alone if the webhook has no guard, and passes without both', async () => {
      await stage.writeFake('ecr-pull');
      await installation.addReplica({ REFRESHER_USER: '' });
      const [guarded] = installation.replicas;
      if (guarded) await installation.removeReplica(guarded);
      const other = await startLabellingWebhook(cluster);
      try {
        const refused = await eventually(
          'the API server calls the other webhook',
          async () => {
            const answer = await write(marked());
            return answer.status === 403 ? answer : undefined;
          },
          PATIENCE,
        );
        expect(refused.body.message).toEqual(deniedFor('may not change metadata.labels'));
        await chartObjects(cluster, 'delete', [], POLICY);
        const run = await eventually(
          'the policy is gone',
          async () => {
            const ended = await refresh('--force');
            return ended.code === 0 ? ended : undefined;
          },
          PATIENCE,
        );
        expect(resultsHere(run.output)).toEqual([expect.objectContaining({ result: 'refreshed' })]);
        expect((await stage.read('ecr-pull')).metadata?.labels).toHaveProperty(other.label);
      } finally {
        await other.stop();
        await chartObjects(cluster, 'apply', [NAMES_VALUE], POLICY);
      }
    }, 180_000);
  });

  describe('while the API server does not call the webhook', () => {
    beforeAll(async () => {
      await cluster.api.delete(CONFIGURATION);
      await eventually(
        'the webhook is not called, but the policy is',
        async () => {
          const { writeFake, path } = await stageOn(cluster);
          const { status } = await writeFake('ecr-pull');
          if (status !== 422) return false; // the API server itself refuses FAKE
          await cluster.api.create(path, unfilled('ecr-pull'));
          return (await write(marked({ labels: { more: 'x' } }), 'ecr-pull', path)).status === 403;
        },
        PATIENCE,
      );
    }, 180_000);

    beforeEach(async () => {
      await cluster.api.create(stage.path, unfilled('ecr-pull'));
    });

    it.each(changes)('cannot change %s: the policy refuses', async (_, change, field) => {
      const before = await stage.read('ecr-pull');
      const refused = await write(change);
      expect(refused.status).toBe(403);
      expect(refused.body.message).toEqual(deniedFor(`may not change ${field.replace(/\[.*/, '')}`));
      expect(await stage.read('ecr-pull')).toEqual(before);
    });

    it.each<[string, object]>([
      ['an annotation of the user', { annotations: { note: null } }],
      ['a label', { labels: { team: null } }],
      ['a finalizer', { finalizers: null }],
    ])('cannot remove %s', async (_, metadata) => {
      expect((await write({ metadata })).body.message).toEqual(deniedFor('may not change metadata'));
    });

    it('cannot remove a key of the data that is not a credential', async () => {
      expect((await write({ data: { more: null } })).body.message).toEqual(deniedFor('may not change data'));
    });

    // Without this limit, the API server would compute for seconds. Figures are in docs/adr/0013.
    it.each<[string, (names: readonly string[]) => object]>([
      ['keys of data', (names) => ({ data: Object.fromEntries(names.map((name) => [name, ''])) })],
      [
        'annotations',
        (names) => ({ metadata: { annotations: Object.fromEntries(names.map((name) => [name, ''])) } }),
      ],
    ])(
      'can change no Secret with more than 1000 %s; its owner can',
      async (_, patchOf) => {
        const names = (count: number) => Array.from({ length: count }, (_name, index) => index.toString(36));
        const own = async (count: number) =>
          (await cluster.api.patch(`${stage.path}/ecr-pull`, patchOf(names(count)), 'merge')).status;
        expect(await own(998)).toBe(200); // with those that `unfilled` has
        expect((await write(marked())).status).toBe(200);
        expect(await own(20_000)).toBe(200);
        const refused = await write(marked());
        expect([refused.status, refused.body.message]).toEqual([
          403,
          deniedFor('may not change a Secret with more than 1000 keys'),
        ]);
        expect(resultsHere((await refresh('--force')).output)).toEqual([
          expect.objectContaining({ name: 'ecr-pull', result: 'unfillable' }),
        ]);
      },
      120_000,
    );

    it('can write the mark, and what the webhook overwrites at the next mark', async () => {
      expect((await write(marked())).status).toBe(200);
      expect((await write({ data: { '.dockerconfigjson': 'eyJhdXRocyI6e319' } })).status).toBe(200);
    });

    it('can write the password of a Secret of another kind, but no key of this name in a pull Secret', async () => {
      const password = { data: { password: 'eA==' } };
      expect((await write(password)).body.message).toEqual(deniedFor('may not change data'));
      const annotations = { 'ecr-anywhere.centml.ai/format': 'basic-auth' };
      await cluster.api.create(stage.path, {
        metadata: { name: 'second', labels: MANAGED, annotations },
        data: { username: 'QVdT', password: 'eQ==', url: 'eQ==' },
      });
      expect((await write(password, 'second')).status).toBe(200);
      expect((await write({ data: { url: 'eA==' } }, 'second')).body.message).toEqual(
        deniedFor('may not change data'),
      );
      const other = { metadata: { annotations: { 'ecr-anywhere.centml.ai/registry': 'x' } } };
      expect((await write(other, 'second')).body.message).toEqual(deniedFor('may not change metadata'));
    });
  });

  /** A Secret with all that the service account must not change. */
  const unfilled = (name: string) => ({
    ...fakeSecret(name),
    metadata: {
      name,
      labels: { ...MANAGED, team: 'blue' },
      annotations: { note: 'x' },
      finalizers: ['example.com/team'],
    },
    data: { '.dockerconfigjson': 'e30=', more: 'eQ==' },
  });

  const deniedFor = (reason: string) =>
    expect.stringMatching(
      new RegExp(
        `ValidatingAdmissionPolicy 'ecr-anywhere' with binding 'ecr-anywhere' denied request: the refresher ${reason}`,
      ),
    );
});
