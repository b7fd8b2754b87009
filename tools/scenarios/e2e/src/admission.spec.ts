import type { KubernetesObject } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { platform, type ScenarioCluster, type ScenarioInstallation } from './platform.ts';
import { annotation, auths, fakeSecret, MANAGED, passwordFor, stageOn, type Stage } from './stage.ts';

describe('writing a labelled Secret', () => {
  let cluster: ScenarioCluster;
  let installation: ScenarioInstallation;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await platform.startCluster();
    installation = await cluster.install({ registryHosts: ['mirror.example.com'] });
  }, 240_000);

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
  }, 120_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
  });

  it('fills the FAKE Secret of the README with credentials that open the registry', async () => {
    const { status } = await stage.writeFake('ecr-secret');
    expect(status).toBe(201);
    const entry = auths(await stage.read('ecr-secret'))[installation.aws.registryHost];
    const answer = await fetch(`${installation.aws.registryUrl}/v2/`, {
      headers: { authorization: `Basic ${entry?.auth}` },
    });
    expect(answer.status).toBe(200);
  });

  it('says when the credentials expire', async () => {
    await stage.writeFake('dated');
    const secret = await stage.read('dated');
    const left = Date.parse(annotation(secret, 'expires_at') ?? '') - Date.now();
    expect(left).toBeGreaterThan(10 * 3_600_000);
    expect(left).toBeLessThanOrEqual(12 * 3_600_000 + 1_000);
    expect(annotation(secret, 'updated_at')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(annotation(secret, 'config_hash')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('serves the hosts of REGISTRY_HOSTS in addition to the registry of the token', async () => {
    await stage.writeFake('hosts');
    expect(Object.keys(auths(await stage.read('hosts'))).sort()).toEqual(
      [installation.aws.registryHost, 'mirror.example.com'].sort(),
    );
  });

  it('works without any data, and keeps other keys', async () => {
    const { data: _, ...bare } = fakeSecret('bare');
    expect((await stage.write(bare)).status).toBe(201);
    expect(auths(await stage.read('bare'))).not.toEqual({});
    await stage.write({ ...fakeSecret('other'), data: { 'ca.crt': 'QUJD', '.dockerconfigjson': 'FAKE' } });
    expect((await stage.read('other')).data?.['ca.crt']).toBe('QUJD');
  });

  it('fills a Secret with stringData and generateName', async () => {
    const { data: _, metadata: __, ...secret } = fakeSecret('');
    const { status, body } = await stage.write({
      ...secret,
      metadata: { generateName: 'pull-', labels: MANAGED },
      stringData: { '.dockerconfigjson': 'anything' },
    });
    expect(status).toBe(201);
    expect(auths(body)).toHaveProperty([installation.aws.registryHost]);
  });

  it('gives a dry run the same answer, and stores nothing', async () => {
    const { status, body } = await cluster.api.create(`${stage.path}?dryRun=All`, fakeSecret('dry'));
    expect(status).toBe(201);
    expect(auths(body)).toHaveProperty([installation.aws.registryHost]);
    expect((await cluster.api.get(`${stage.path}/dry`)).status).toBe(404);
  });

  it('refuses another type, and names the type to use', async () => {
    const { status, body } = await stage.write({ ...fakeSecret('opaque'), type: 'Opaque' });
    expect(status).toBe(422);
    expect(body.message).toContain('kubernetes.io/dockerconfigjson');
  });

  it('refuses an immutable Secret, which could never be refreshed', async () => {
    const { status, body } = await stage.write({ ...fakeSecret('frozen'), immutable: true });
    expect(status).toBe(422);
    expect(body.message).toContain('immutable');
  });

  it('leaves unlabelled Secrets and unlabelled namespaces alone', async () => {
    const plain = { ...fakeSecret('plain'), metadata: { name: 'plain' }, type: 'Opaque' };
    expect((await stage.write(plain)).status).toBe(201);
    expect((await stage.read('plain')).data?.['.dockerconfigjson']).toBe('FAKE');
    const elsewhere = await stageOn(cluster, {});
    const { status, body } = await elsewhere.writeFake('ecr-secret');
    expect(status).toBe(422); // from the validation of the type: the webhook filled nothing
    expect(body.message).toContain('.dockerconfigjson');
  });

  it('restores the old credential when GitOps re-applies FAKE, without an AWS call', async () => {
    await stage.writeFake('gitops');
    const before = await stage.read('gitops');
    await installation.aws.resetCalls();
    const { status, body } = await cluster.api.patch(`${stage.path}/gitops`, { data: fakeSecret('').data });
    expect(status).toBe(200);
    expect(body.data).toEqual(before.data);
    expect(body.metadata?.resourceVersion).toBe(before.metadata?.resourceVersion);
    expect((await installation.aws.calls())['GetAuthorizationToken'] ?? 0).toBe(0);
  });

  it('restores annotations that somebody removed', async () => {
    await stage.writeFake('stripped');
    const before = await stage.read('stripped');
    const { body } = await stage.annotate('stripped', {
      expires_at: null,
      updated_at: null,
      config_hash: null,
    });
    expect(body.metadata?.annotations).toEqual(before.metadata?.annotations);
  });

  it('sets a new updated_at after a new mark', async () => {
    await stage.writeFake('marked');
    const before = await stage.read('marked');
    const { body } = await stage.annotate('marked', { marked_for_update_at: new Date().toISOString() });
    expect(annotation(body, 'updated_at')).not.toBe(annotation(before, 'updated_at'));
  });

  it('renews credentials that were made under other settings', async () => {
    await stage.writeFake('settings');
    const before = await stage.read('settings');
    // An older installation wrote this Secret, so both the old and the new object have its hash of the settings.
    await cluster.api.patch(`${stage.path}/settings`, {
      metadata: { labels: { [Object.keys(MANAGED)[0] ?? '']: null } },
    });
    await stage.annotate('settings', { config_hash: 'of-other-settings' });
    const { body } = await cluster.api.patch(`${stage.path}/settings`, { metadata: { labels: MANAGED } });
    expect(annotation(body, 'config_hash')).toBe(annotation(before, 'config_hash'));
    expect(annotation(body, 'updated_at')).not.toBe(annotation(before, 'updated_at'));
  });

  it('does not trust annotations that somebody wrote before the Secret had the label', async () => {
    const forged = Buffer.from(
      JSON.stringify({ auths: { [installation.aws.registryHost]: { auth: 'QVdTOng=' } } }),
    );
    await stage.write({
      ...fakeSecret('forged'),
      metadata: { name: 'forged' },
      data: { '.dockerconfigjson': forged.toString('base64') },
    });
    await stage.annotate('forged', { expires_at: new Date(Date.now() + 11 * 3_600_000).toISOString() });
    const { body } = await cluster.api.patch(`${stage.path}/forged`, { metadata: { labels: MANAGED } });
    expect(passwordFor(installation.aws.registryHost, body)).not.toBe('x');
  });

  it('does not block a Secret that is being deleted or loses its label, even if the webhook is down', async () => {
    await stage.write({
      ...fakeSecret('leaving'),
      metadata: { name: 'leaving', labels: MANAGED, finalizers: ['example.com/keep'] },
    });
    await stage.writeFake('unlabelled');
    await installation.stopWebhook();
    try {
      await cluster.api.delete(`${stage.path}/leaving`);
      const finalized = await cluster.api.patch(`${stage.path}/leaving`, { metadata: { finalizers: null } });
      expect(finalized.status).toBe(200);
      const label = Object.keys(MANAGED)[0] ?? '';
      const freed = await cluster.api.patch(`${stage.path}/unlabelled`, {
        metadata: { labels: { [label]: null } },
      });
      expect(freed.status).toBe(200);
      const refused = await stage.writeFake('while-away');
      expect(refused.status).toBe(500);
      expect(refused.body.message).toContain('failed calling webhook');
    } finally {
      await installation.startWebhook();
    }
  }, 120_000);

  describe('of a kind with one user name and one password', () => {
    const text = (secret: KubernetesObject, key: string) =>
      Buffer.from(secret.data?.[key] ?? '', 'base64').toString();
    const status = async (user: string, password: string) => {
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      return (await fetch(`${installation.aws.registryUrl}/v2/`, { headers: { authorization } })).status;
    };
    const repository = (name: string, url: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, labels: { ...MANAGED, 'argocd.argoproj.io/secret-type': 'repository' } },
      stringData: { type: 'helm', enableOCI: 'true', url, username: 'FAKE', password: 'FAKE' },
    });
    const charts = (path: string) => `${installation.aws.registryHost}/${path}`;

    it.each([
      ['username', 'password', 'kubernetes.io/basic-auth', {}],
      ['username', 'password', 'Opaque', { 'ecr-anywhere.centml.ai/format': 'basic-auth' }],
      ['accessKeyId', 'secretKey', 'Opaque', { 'ecr-anywhere.centml.ai/format': 'kubevirt-cdi' }],
    ])('fills %s and %s of a Secret of the type %s with the annotations %j', async (...row) => {
      const [userKey, passwordKey, type, annotations] = row;
      const { status: created, body } = await stage.write({
        metadata: { generateName: 'one-', labels: MANAGED, annotations },
        type,
        data: { 'ca.crt': 'QUJD' },
      });
      expect(created).toBe(201);
      expect(Object.keys(body.data ?? {}).sort()).toEqual(['ca.crt', userKey, passwordKey].sort());
      expect(await status(text(body, userKey), text(body, passwordKey))).toBe(200);
      expect(annotation(body, 'expires_at_each')).toBeUndefined();
    });

    it('fills the repository of Argo CD from stringData, and restores it when GitOps applies it again', async () => {
      const { status: created, body } = await stage.write(repository('argo', charts('charts')));
      expect(created).toBe(201);
      expect(await status(text(body, 'username'), text(body, 'password'))).toBe(200);
      expect(text(body, 'url')).toBe(charts('charts'));
      await installation.aws.resetCalls();
      const { stringData } = repository('argo', charts('charts'));
      const again = await cluster.api.patch(`${stage.path}/argo`, { stringData });
      expect(again.body.data).toEqual(body.data);
      expect(again.body.metadata?.resourceVersion).toBe(body.metadata?.resourceVersion);
      expect((await installation.aws.calls())['GetAuthorizationToken'] ?? 0).toBe(0);
    });

    it('takes a changed URL of the same region, and keeps the password', async () => {
      const { body } = await stage.write(repository('moved', charts('old')));
      const moved = await cluster.api.patch(`${stage.path}/moved`, { stringData: { url: charts('new') } });
      expect(moved.body.data).toEqual({
        ...body.data,
        url: Buffer.from(charts('new')).toString('base64'),
      });
      expect(annotation(moved.body, 'updated_at')).toBe(annotation(body, 'updated_at'));
    });

    it('refuses credentials of Argo CD for every host that begins with the registry, and warns of a repository', async () => {
      const labelled = (name: string, kind: string, url: string) => ({
        ...repository(name, url),
        metadata: { name, labels: { ...MANAGED, 'argocd.argoproj.io/secret-type': kind } },
      });
      const host = installation.aws.registryHost;
      const open = await stage.write(labelled('open', 'repo-creds', host));
      expect([open.status, open.body.message]).toEqual([
        422,
        expect.stringContaining('write a slash after the host'),
      ]);
      const closed = await stage.write(labelled('closed', 'repo-creds', `${host}/`));
      expect([closed.status, closed.warnings]).toEqual([201, []]);
      const root = await stage.write(labelled('root', 'repository', host));
      expect([root.status, root.warnings]).toEqual([201, [expect.stringContaining('data.url has no path')]]);
    });

    it('refuses a host that only looks like the registry, also later', async () => {
      for (const url of [
        `${charts('').slice(0, -1)}.evil.example.com`,
        `https://${installation.aws.registryHost}@evil.example.com`,
      ]) {
        const { status: refused, body } = await stage.write(repository('evil', url));
        expect([refused, body.message]).toEqual([422, expect.stringContaining('data.url')]);
      }
      await stage.write(repository('turned', charts('charts')));
      const turned = await cluster.api.patch(`${stage.path}/turned`, {
        stringData: { url: 'evil.example.com/charts' },
      });
      expect(turned.status).toBe(422);
    });
  });

  describe('that keeps the entries of other registries', () => {
    const HUB = { 'https://index.docker.io/v1/': { auth: 'Ym9iOnB3' } };
    const keeping = (name: string, config: string) => ({
      ...fakeSecret(name),
      metadata: {
        name,
        labels: MANAGED,
        annotations: { 'ecr-anywhere.centml.ai/keep_other_auths': 'true' },
      },
      data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
    });

    it('writes credentials beside them, also when GitOps applies the Secret again', async () => {
      const secret = keeping('both', JSON.stringify({ auths: HUB }));
      const { status, body } = await stage.write(secret);
      expect(status).toBe(201);
      expect(auths(body)).toMatchObject({ ...HUB, [installation.aws.registryHost]: {} });
      const again = await cluster.api.patch(`${stage.path}/both`, { data: secret.data });
      expect(again.body.data).toEqual(body.data);
      expect(again.body.metadata?.resourceVersion).toBe(body.metadata?.resourceVersion);
      const marked = await stage.annotate('both', { marked_for_update_at: new Date().toISOString() });
      expect(auths(marked.body)).toMatchObject(HUB);
    });

    it('refuses FAKE, which would remove them', async () => {
      const { status, body } = await stage.write(keeping('fake', 'FAKE'));
      expect([status, body.message]).toEqual([422, expect.stringContaining('keep_other_auths')]);
    });
  });
});
