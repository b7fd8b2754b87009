import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createCertificateAuthority,
  eventually,
  install,
  WEBHOOK_CLIENT,
  WEBHOOK_CONFIGURATION,
  type Certificate,
  type Cluster,
  type Installation,
  type KubernetesObject,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { review } from './good-reviews.ts';
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
  });

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
    const { status, body } = await cluster.api.create(
      REVIEWS,
      JSON.parse(reviewOf(stage)) as KubernetesObject,
    );
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
      expect((await post(url, { headers, by: await certificate() })).status).toBe(404);
    }
  });

  it('is not replaced by a replica with wrong AWS settings', async () => {
    const env = { ...mode, KUBECONFIG: cluster.kubeconfigFile, CALLER_ALSO_ACCEPT: '' };
    await expectBadReplicaStops(installation, env);
    expect((await stage.writeFake('served')).status).toBe(201);
  });

  it('says in the log why it refused, and nothing of the API server that asks in vain', async () => {
    const refused = () =>
      installation.replicas.flatMap((replica) => replica.log()).filter(({ status }) => status === 404);
    await eventually('the log says why', () => {
      const reasons = refused().map(({ reason }) => String(reason));
      return ['"admin"', '"system:apiserver"', 'no certificate', 'not trusted'].every((words) =>
        reasons.some((reason) => reason.includes(words)),
      );
    });
    expect(new Set(refused().map(({ path }) => path))).toEqual(new Set([REVIEWS, '/sync']));
  });

  const throughTheApiServer = (headers: Record<string, string>) =>
    post(`${cluster.connection.url}${REVIEWS}`, { headers, by: cluster.connection as Certificate });

  const post = (url: string, options: Omit<PostOptions, 'body'>) =>
    postReview(url, { ...options, body: reviewOf(stage) });
});

describe('a webhook that expects the API server', () => {
  let cluster: Cluster;
  let installation: Installation | undefined;
  let stage: Stage;
  let folder: string;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster?.stop(), 30_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
    folder = await mkdtemp(join(tmpdir(), 'callers-'));
  });

  afterEach(async () => {
    await installation?.uninstall();
    await rm(folder, { recursive: true });
  });

  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const urlOf = (path: string) => `https://127.0.0.1:${installation?.service.port}${path}`;
  const strangers = async (path: string): Promise<unknown[]> =>
    Promise.all(
      [undefined, cluster.connection as Certificate]
        .filter((by) => by === undefined || by.cert) // the embedded cluster gives its administrator no certificate
        .map(async (by) => (await postReview(urlOf(path), { by, body: reviewOf(stage) })).status),
    );

  it('with a key in the path: fills Secrets, and gives strangers without it nothing', async () => {
    const key = randomBytes(24).toString('base64url');
    const webhookEnv = { CALLER_MODE: 'path', CALLER_PATH_FILE: await file('keys', key) };
    installation = await install(cluster, { webhookEnv: { ...webhookEnv, CALLER_ALSO_ACCEPT: 'none' } });
    const [first] = installation.replicas;
    const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/url', value: urlOf(`/sync/${key}`) }];
    expect((await cluster.api.patch(CONFIGURATION, patch, 'json')).status).toBe(200);
    await installation.addReplica({ CALLER_ALSO_ACCEPT: '' });
    if (first) await installation.removeReplica(first);
    await eventually('reviews come at the new path', async () => {
      const { status } = await stage.writeFake(`pull-${Date.now()}`);
      return status === 201;
    });
    for (const path of ['/sync', '/sync/', `/sync/${key.slice(1)}`])
      expect(new Set(await strangers(path))).toEqual(new Set([404]));
    // The key is all that it takes, and whoever writes while the webhook is down sees it.
    expect(new Set(await strangers(`/sync/${key}`))).toEqual(new Set([200]));
    if (onRealCluster) await expectHidden(key, cluster, stage); // the embedded cluster knows no `timeout`
    for (const replica of [...installation.replicas]) {
      expect(JSON.stringify([replica.log(), replica.program.errors])).not.toContain(key);
      expect(await (await fetch(replica.metricsUrl)).text()).not.toContain(key);
      await installation.loseReplica(replica);
    }
    expect((await stage.writeFake('down')).body.message).toContain(`/sync/${key}`);
  });

  // Only the real API server has a certificate to show.
  (onRealCluster ? it : it.skip)(
    'with a client certificate: fills Secrets, and gives strangers and an administrator nothing',
    async () => {
      installation = await install(cluster, {
        webhookEnv: {
          CALLER_MODE: 'clientCertificate',
          CALLER_CA_FILE: await file('ca.crt', cluster.connection.ca ?? ''),
          CALLER_NAMES_FILE: await file('names', WEBHOOK_CLIENT),
        },
      });
      expect(Object.keys(auths((await stage.writeFake('pull')).body))).toHaveLength(1);
      expect(await strangers('/sync')).toEqual([404, 404]);
      await expectBadReplicaStops(installation);
      expect((await stage.writeFake('served')).status).toBe(201);
      const { replicas } = installation;
      await eventually('the log says why', () => {
        const reasons = replicas.flatMap((replica) => replica.log()).map(({ reason }) => reason);
        return (
          reasons.includes('the client showed no certificate') &&
          reasons.includes('the common name of the certificate is not allowed')
        );
      });
    },
    120_000,
  );
});

/** A writer who is impatient sees that the time ended, or that the connection did, and not which URL the API server called. */
async function expectHidden(key: string, { api }: Cluster, { path }: Stage) {
  const answers: string[] = [];
  for (const timeout of ['1ns', '1ms', '3ms', '5ms', '8ms', '12ms', '20ms'])
    for (let attempt = 0; attempt < 5; attempt++) {
      const written = api.create(`${path}?timeout=${timeout}`, fakeSecret(`in-${timeout}-${attempt}`));
      answers.push(await written.then(({ body }) => body.message ?? '', String));
    }
  expect(answers.join('\n')).toContain('Timeout: request did not complete');
  expect(answers.join('\n')).not.toContain(key);
}

/** A replica without a token asks the others, without a client certificate, and does not become ready. */
async function expectBadReplicaStops(installation: Installation, env: Record<string, string> = {}) {
  const wrong = { ...env, AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG0' };
  await expect(installation.addReplica(wrong, 3_000)).rejects.toThrow('the webhook is ready');
  const bad = installation.replicas.at(-1)!;
  await eventually('it found another replica', async () => {
    const text = await (await fetch(bad.readyUrl)).text();
    return text === 'no token yet, while another replica holds one\n';
  });
  await installation.loseReplica(bad);
}

/** What anybody could send who has seen a real review. */
function reviewOf({ namespace }: Stage): string {
  return review({}, { namespace, name: 'review' });
}

interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly by?: Certificate | undefined;
  readonly body: string;
}

async function postReview(url: string, { headers, by, body }: PostOptions) {
  const outgoing = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    rejectUnauthorized: false,
    agent: false,
    ...(by && { cert: by.cert, key: by.key }),
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return { status: response.statusCode, text };
}
