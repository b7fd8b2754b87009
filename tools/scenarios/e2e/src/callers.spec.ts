import { request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import {
  createCertificateAuthority,
  eventually,
  install,
  WEBHOOK_CONFIGURATION,
  type Certificate,
  type Cluster,
  type Installation,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auths, fakeSecret, onRealCluster, stageOn, startCluster, type Stage } from './stage.ts';

const GROUP = 'ecr-anywhere.example.com';
const VERSION = `/apis/${GROUP}/v1`;
const REVIEWS = `${VERSION}/reviews`;
const SERVICE = 'ecr-anywhere';
const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const CONFIGURATION = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${WEBHOOK_CONFIGURATION}`;

/** The embedded cluster has no aggregation layer. */
const describeOnReal = onRealCluster ? describe : describe.skip;

describeOnReal('a webhook behind the aggregation layer', () => {
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;
  const mode = { CALLER_MODE: 'aggregated', CALLER_API: `${GROUP}/v1/reviews` };

  beforeAll(async () => {
    cluster = await startCluster();
    stage = await stageOn(cluster);
    const env = { ...mode, KUBECONFIG: cluster.kubeconfigFile };
    installation = await install(cluster, { webhookEnv: { ...env, CALLER_ALSO_ACCEPT: 'none' } });
    const [first] = installation.replicas;
    if (first === undefined) throw new Error('no replica');
    await useCertificate(first);
    await aggregate();
    await useCertificate(await installation.addReplica({ CALLER_ALSO_ACCEPT: '' }));
    await installation.removeReplica(first);
  }, 120_000);

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
  }, 30_000);

  /** For the name by which the API server calls a Service. */
  const useCertificate = async (replica: Replica) =>
    replica.replaceCertificate(
      await installation.authority.issue({ names: [`${SERVICE}.default.svc`, '127.0.0.1', 'localhost'] }),
    );

  /** Registers the API, and sends reviews through it. */
  const aggregate = async () => {
    await create('/api/v1/namespaces/default/services', {
      metadata: { name: SERVICE },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
    await create(API_SERVICES, {
      metadata: { name: `v1.${GROUP}` },
      spec: {
        group: GROUP,
        version: 'v1',
        groupPriorityMinimum: 1_000,
        versionPriority: 15,
        service: { namespace: 'default', name: SERVICE, port: installation.service.port },
        caBundle: Buffer.from(installation.authority.cert).toString('base64'),
      },
    });
    await eventually(
      'the API is available',
      async () => {
        const { body } = await cluster.api.get(`${API_SERVICES}/v1.${GROUP}`);
        const { conditions = [] } = (body['status'] ?? {}) as {
          conditions?: { type: string; status: string }[];
        };
        return conditions.some(({ type, status }) => type === 'Available' && status === 'True');
      },
      { within: 30_000 },
    );
    const clientConfig = { service: { namespace: 'default', name: 'kubernetes', port: 443, path: REVIEWS } };
    const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig', value: clientConfig }];
    expect((await cluster.api.patch(CONFIGURATION, patch, 'json')).status).toBe(200);
  };

  const create = async (path: string, object: object) => {
    const { status, body } = await cluster.api.create(
      path,
      object as Parameters<typeof cluster.api.create>[1],
    );
    if (status !== 201) throw new Error(body.message);
  };

  const review = () => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '6f1b',
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
      operation: 'CREATE',
      namespace: stage.namespace,
      name: 'pull',
      object: fakeSecret('pull'),
    },
  });

  it('fills a Secret', async () => {
    const reviews = await eventually('reviews come through the aggregation layer', async () => {
      const { status, body } = await stage.writeFake(`pull-${Date.now()}`);
      return status === 201 ? body : undefined;
    });
    expect(Object.keys(auths(reviews))).toHaveLength(1);
  });

  it('is discovered as an API whose only verb is create', async () => {
    const { status, body } = await cluster.api.get(VERSION);
    expect([status, body['resources']]).toEqual([
      200,
      [expect.objectContaining({ name: 'reviews', verbs: ['create'] })],
    ]);
  });

  it('gives an administrator nothing under his own name', async () => {
    const { status, body } = await cluster.api.create(REVIEWS, review());
    expect([status, body.message]).toEqual([404, expect.stringContaining('Nothing is served at this path')]);
  });

  it('gives nothing to somebody who acts as the user of the API server, but not as its group', async () => {
    const answer = await throughTheApiServer({ 'impersonate-user': 'system:apiserver' });
    expect(answer.status).toBe(403); // the API server itself refuses: the user has no rights without the group
    const granted = { 'impersonate-user': 'system:apiserver', 'impersonate-group': 'reviewers' };
    await create('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      metadata: { name: 'reviewers' },
      rules: [{ apiGroups: [GROUP], resources: ['reviews'], verbs: ['create'] }],
    });
    await create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: 'reviewers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reviewers' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'reviewers' }],
    });
    const refused = await eventually('RBAC allows the request', async () => {
      const { status, text } = await throughTheApiServer(granted);
      return status === 403 ? undefined : { status, text };
    });
    expect(refused).toEqual({ status: 404, text: expect.stringContaining('Nothing is served') });
  });

  it('answers whoever may act as the user and the group of the API server', async () => {
    const { status, text } = await throughTheApiServer({
      'impersonate-user': 'system:apiserver',
      'impersonate-group': 'system:masters',
    });
    expect([status, text]).toEqual([200, expect.stringContaining('"patch"')]);
  });

  it.each<[string, () => Promise<Certificate | undefined>]>([
    ['no certificate', async () => undefined],
    [
      'a certificate of another CA',
      async () =>
        (await createCertificateAuthority('front-proxy-ca')).issue({ subject: 'CN=front-proxy-client' }),
    ],
    ['an administrator’s certificate', async () => cluster.connection as Certificate],
  ])('gives nothing to a stranger with %s', async (_, certificate) => {
    const headers = { 'x-remote-user': 'system:apiserver', 'x-remote-group': 'system:masters' };
    for (const path of [REVIEWS, '/sync']) {
      const url = `https://127.0.0.1:${installation.service.port}${path}`;
      expect((await post(url, headers, await certificate())).status).toBe(404);
    }
  });

  it('says in the log why it refused, and nothing of the API server that asks in vain', () => {
    const lines = installation.replicas.flatMap((replica) => replica.log());
    const refused = lines.filter(({ status }) => status === 404);
    expect(new Set(refused.map(({ path }) => path))).toEqual(new Set([REVIEWS, '/sync']));
    const reasons = refused.filter(({ path }) => path === REVIEWS).map(({ reason }) => reason);
    expect(reasons).toEqual(
      expect.arrayContaining([
        expect.stringContaining('"admin"'),
        expect.stringContaining('"system:apiserver"'),
        expect.stringContaining('no certificate'),
        expect.stringContaining('not trusted'),
      ]),
    );
  });

  const throughTheApiServer = (headers: Record<string, string>) =>
    post(`${cluster.connection.url}${REVIEWS}`, headers, cluster.connection as Certificate);

  const post = async (url: string, headers: Record<string, string>, by: Certificate | undefined) => {
    const outgoing = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      rejectUnauthorized: false,
      agent: false,
      ...(by && { cert: by.cert, key: by.key }),
    });
    outgoing.end(JSON.stringify(review()));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
    return { status: response.statusCode, text };
  };
});
