import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import {
  admissionConfiguration,
  createCertificateAuthority,
  eventually,
  type Certificate,
  type KubernetesObject,
} from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auths, stageOn, type Stage } from '../stage.ts';
import { REGISTRY_HOST, startAws } from './cluster/aws.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { recordReview } from './cluster/review-recorder.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';
import { askFromPod, type Question, type Reply } from './cluster/stranger.ts';
import { restart, restartApiServer, testbedFolder } from './cluster/testbed.ts';
import {
  CHART,
  installRelease,
  scenarioValues,
  untilReplaced,
  type Release,
  type Values,
} from './chart/release.ts';
import { isSuccess } from '../traffic.ts';
import { underWrites, type Writes } from './under-writes.ts';

const NAMESPACE = 'ecr-anywhere';
const GROUP = 'ecr-anywhere.ecr-anywhere.ecr-anywhere.centml.ai';
const API = `/apis/${GROUP}/v1/reviews`;
const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/ecr-anywhere';
const API_SERVICE = `/apis/apiregistration.k8s.io/v1/apiservices/v1.${GROUP}`;
/** What the API server's front proxy would send. */
const AS_API_SERVER = { 'x-remote-user': 'system:apiserver', 'x-remote-group': 'system:masters' };

const FRONT_PROXY_CONFIG = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
/** What the testbed calls its front proxy. */
const FRONT_PROXY = 'CN=front-proxy-client';

const CREDENTIAL: Reply = { status: 200, hasPatch: true };
const NOTHING: Reply = { status: 404, hasPatch: false };

/** Only on the testbed can a test restart the API server. */
const itOnTestbed = onTestbed ? it : it.skip;

/** The tests build on each other: one installation goes from mode to mode. */
describe('who may ask the webhook', () => {
  let cluster: InstalledCluster;
  let stage: Stage;
  /** A namespace that is not enabled. */
  let elsewhere: Stage;
  let values: Values;
  let release: Release;
  /** What the API server has sent to a webhook. */
  let earlierReview: string;

  beforeAll(async () => {
    cluster = await connectCluster();
    const aws = await startAws(cluster);
    await aws.reset();
    values = scenarioValues(aws);
    release = await installRelease(cluster, inMode('none'));
    stage = await stageOn(cluster);
    elsewhere = await stageOn(cluster, {});
    earlierReview = await recordReview(cluster, stage, elsewhere.namespace);
    expect(JSON.parse(earlierReview)).toMatchObject({ request: { namespace: stage.namespace } });
    await cluster.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'editor', namespace: NAMESPACE },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'editor' }],
    } as KubernetesObject);
  }, 240_000);

  afterAll(async () => {
    await cluster?.tryHelm(['uninstall', 'ecr-anywhere', '-n', NAMESPACE, '--wait']);
    // Helm does not know what the commits have created.
    await cluster?.api.delete(API_SERVICE);
    const roles = ['role,rolebinding', 'ecr-anywhere-callers', '--ignore-not-found'];
    await cluster?.tryKubectl(['-n', 'kube-system', 'delete', ...roles]);
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  const kubectl = (...args: string[]) => cluster.kubectl(['-n', NAMESPACE, ...args]);
  const scale = (replicas: number) =>
    kubectl('scale', 'deployment', 'ecr-anywhere', `--replicas=${replicas}`);
  const rolledOut = (timeout: string) =>
    kubectl('rollout', 'status', 'deployment', 'ecr-anywhere', `--timeout=${timeout}`);

  const inMode = (mode: string, more: Values = {}): Values => ({ ...values, callers: { mode, ...more } });

  /** The part of a webhook configuration that says what the API server calls. */
  async function called(): Promise<{ name: string; path: string }> {
    const { webhooks } = (await cluster.api.get(CONFIGURATION)).body as unknown as {
      webhooks: { clientConfig: { service: { name: string; path: string } } }[];
    };
    const { name = '', path = '' } = webhooks[0]?.clientConfig.service ?? {};
    return { name, path };
  }

  /** Does something while Secrets are written, and says how many writes were refused. */
  async function writesDuring(what: string, action: () => Promise<unknown>): Promise<Writes> {
    const writes = await underWrites(stage, async () => {
      await action();
      await untilReplaced(cluster, release);
    });
    const { refusals, count, span } = writes;
    console.log(
      `${what}: ${refusals.length} of ${count} writes were refused, within ${span} ms`,
      refusals[0] ?? '',
    );
    expect(count).toBeGreaterThan(50);
    return writes;
  }

  async function expectUnrefused(what: string, action: () => Promise<unknown>): Promise<void> {
    expect((await writesDuring(what, action)).refusals).toEqual([]);
  }

  const ask = (...questions: Question[]) =>
    askFromPod(cluster, elsewhere.namespace, {
      host: `ecr-anywhere.${NAMESPACE}.svc`,
      body: earlierReview,
      questions,
    });

  /** Sends a review through the API server, as a user or as the administrator. */
  async function askThroughApiServer(path: string, user?: string): Promise<Reply> {
    const { url, ...tls } = cluster.connection;
    const sent = request(url + path, {
      ...tls,
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        ...(user !== undefined && { 'impersonate-user': user }),
      },
    });
    sent.end(earlierReview);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += String(part);
    return { status: response.statusCode ?? 0, hasPatch: text.includes('"patch"') };
  }

  const inService = (path: string) =>
    `/api/v1/namespaces/${NAMESPACE}/services/https:ecr-anywhere:443/proxy${path}`;
  async function inPod(path: string): Promise<string> {
    const { body } = await cluster.api.get(
      `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app%3Decr-anywhere`,
    );
    const [pod] = body['items'] as KubernetesObject[];
    return `/api/v1/namespaces/${NAMESPACE}/pods/https:${pod?.metadata?.name}:8443/proxy${path}`;
  }

  async function worksOtherwise(): Promise<void> {
    await cluster.helm(['test', 'ecr-anywhere', '-n', NAMESPACE, '--timeout', '2m']);
    expect((await release.refresh()).code).toBe(0);
  }

  const untilAvailable = () =>
    eventually(
      'the API is available',
      async () => {
        const { status } = (await cluster.api.get(API_SERVICE)).body as unknown as {
          status?: { conditions?: { type: string; status: string }[] };
        };
        return status?.conditions?.some((one) => one.type === 'Available' && one.status === 'True');
      },
      { within: 120_000, every: 200 },
    );

  const strangerOf = async (authority: string, subject: string) =>
    (await createCertificateAuthority(authority)).issue({ subject });

  /** Reviews with no certificate, with one of another CA, and with the administrator's. */
  function strangers(stranger: Certificate, path: string): Question[] {
    const { cert = '', key = '' } = cluster.connection;
    return [undefined, keyPair(stranger), { cert, key }].map((certificate) => ({
      path,
      headers: AS_API_SERVER,
      ...(certificate && { certificate }),
    }));
  }

  async function expectNothingForStrangers(more: readonly Question[] = []): Promise<void> {
    const questions = [...more, ...strangers(await strangerOf('front-proxy-ca', FRONT_PROXY), API)];
    expect(await ask(...questions)).toEqual(questions.map(() => NOTHING));
  }

  /** Writes Secrets until one is accepted. @returns the milliseconds that it took */
  async function untilWritten(): Promise<number> {
    const from = Date.now();
    const write = async () => isSuccess(await stage.writeFake(`recovered-${++recoveries}`));
    await eventually('a managed Secret is accepted', write, { within: 300_000, every: 100 });
    return Date.now() - from;
  }
  let recoveries = 0;

  /** Waits until every replica gives this reply: the Service chooses a replica for each of many connections. */
  const untilAll = (question: Question, reply: Reply) =>
    eventually(
      'every replica gives this reply',
      async () => {
        const replies = await ask(...Array.from({ length: 16 }, () => question));
        return replies.every(
          ({ status, hasPatch }) => status === reply.status && hasPatch === reply.hasPatch,
        );
      },
      { within: 120_000, every: 1_000 },
    );

  /** Restarts the API server, and says in the output how long no managed Secret was accepted. */
  async function untilWrittenAfterRestart(what: string, flags?: readonly string[]): Promise<void> {
    const from = Date.now();
    await restartApiServer(cluster, flags);
    const ready = Date.now() - from;
    await untilWritten();
    console.log(`${what}: ready after ${ready} ms, writes are served after ${Date.now() - from} ms`);
  }

  /** Gives the testbed's API server files. Afterwards it runs without them, with the flags that it had before. */
  async function withFiles(
    files: (folder: string) => Readonly<Record<string, string>>,
    action: (folder: string) => Promise<void>,
  ): Promise<void> {
    const folder = await mkdtemp(join(testbedFolder, 'callers-'));
    try {
      for (const [name, content] of Object.entries(files(folder)))
        await writeFile(join(folder, name), content);
      await action(folder);
    } finally {
      await restartApiServer(cluster);
      // A starting API server may refuse the watches of the garbage collector, which then collects nothing for minutes.
      await restart('kube-controller-manager');
      await rm(folder, { recursive: true });
    }
  }

  /** The CAs of the front proxy, as the API server publishes them. */
  async function publishedCas(): Promise<string> {
    const { status, body } = await cluster.api.get(FRONT_PROXY_CONFIG);
    return status === 200 ? ((body.data ?? {})['requestheader-client-ca-file'] ?? '') : '';
  }

  /** Lets the API server publish the CA of its front proxy alone. By itself, it adds the CA to those that it finds. */
  async function publishAlone(ca: string): Promise<void> {
    await cluster.api.delete(FRONT_PROXY_CONFIG);
    const isAlone = async () => (await publishedCas()).trim() === ca.trim();
    await eventually('the ConfigMap has the CA alone', isAlone, { within: 120_000, every: 200 });
  }

  it('is everybody in the mode none', async () => {
    expect(await ask({ path: '/sync' })).toEqual([CREDENTIAL]);
    expect(await askThroughApiServer(inService('/sync'), 'editor')).toEqual(CREDENTIAL);
    expect(await askThroughApiServer(await inPod('/sync'), 'editor')).toEqual(CREDENTIAL);
  }, 120_000);

  it('changes from everybody to whoever knows the path by the same upgrade twice, and no write is refused', async () => {
    await expectUnrefused('none to path, first upgrade', () => release.upgrade(values));
    expect((await called()).path).toBe('/sync');
    await expectUnrefused('none to path, second upgrade', () => release.upgrade(values));
    expect((await called()).path).toMatch(/^\/sync\/[a-z0-9]{64}$/);
  }, 240_000);

  it('is only whoever knows the path in the mode path', async () => {
    const { path } = await called();
    const wrong = `/sync/${'x'.repeat(64)}`;
    expect(await ask({ path: '/sync' }, { path: wrong }, { path: '/' })).toEqual([NOTHING, NOTHING, NOTHING]);
    expect(await askThroughApiServer(inService('/sync'), 'editor')).toEqual(NOTHING);
    expect(await askThroughApiServer(await inPod('/sync'), 'editor')).toEqual(NOTHING);
    expect(await ask({ path })).toEqual([CREDENTIAL]); // the path is all that it takes
    await worksOtherwise();
  }, 240_000);

  it('shows the path to whoever writes a managed Secret while the webhook is down', async () => {
    const { path } = await called();
    await scale(0);
    await kubectl('wait', '--for=delete', 'pod', '-l', 'app=ecr-anywhere', '--timeout=60s');
    const { status, body } = await stage.writeFake('down');
    console.log(`A writer sees: ${status} ${body.message?.replace(path.slice(6), 'KEY')}`);
    expect(body.message).toContain(path);
    await scale(2);
    await rolledOut('60s');
  }, 180_000);

  it('gets another path by two upgrades, and no write is refused', async () => {
    const { path: before } = await called();
    const rotated = { ...values, callers: { path: { rotation: '2' } } };
    await expectUnrefused('another key, first upgrade', () => release.upgrade(rotated));
    expect((await called()).path).toBe(before);
    await expectUnrefused('another key, second upgrade', () => release.upgrade(rotated));
    const { path: after } = await called();
    expect(after).not.toBe(before);
    expect(await ask({ path: before }, { path: after })).toEqual([NOTHING, CREDENTIAL]);
    values = rotated;
  }, 240_000);

  itOnTestbed(
    'is nobody but the API server in the mode clientCertificate, and no write is refused on the way there and back',
    async () => {
      const ca = await createCertificateAuthority('webhook-clients');
      const client = await ca.issue({ subject: 'CN=api-server', usages: ['clientAuth'] });
      const clientCertificate = { ca: ca.cert, names: ['api-server'] };
      const questions = strangers(await strangerOf('webhook-clients', 'CN=api-server'), '/sync');
      const { path } = await called();
      await withFiles(apiServerFiles(client), async (folder) => {
        await restartApiServer(cluster, [`--admission-control-config-file=${folder}/admission.json`]);
        const byCertificate = inMode('clientCertificate', { clientCertificate });
        await expectUnrefused('path to clientCertificate, first upgrade', () =>
          release.upgrade(byCertificate),
        );
        expect((await called()).path).toBe(path);
        expect(await ask({ path })).toEqual([CREDENTIAL]);
        await expectUnrefused('path to clientCertificate, second upgrade', () =>
          release.upgrade(byCertificate),
        );
        expect(await called()).toEqual({ name: 'ecr-anywhere', path: '/sync' });
        const { status, body } = await stage.writeFake('by-client-certificate');
        expect([status, Object.keys(auths(body))]).toEqual([201, [REGISTRY_HOST]]);
        expect(await ask({ path }, ...questions)).toEqual([path, ...questions].map(() => NOTHING));
        expect(await ask({ path: '/sync', certificate: keyPair(client) })).toEqual([CREDENTIAL]);
        expect(await askThroughApiServer(inService('/sync'))).toEqual(NOTHING); // the administrator, under his own name
        expect(await askThroughApiServer(inService('/sync'), 'editor')).toEqual(NOTHING);
        expect(await askThroughApiServer(await inPod('/sync'), 'editor')).toEqual(NOTHING);
        const byPath = inMode('path', { clientCertificate });
        await expectUnrefused('clientCertificate to path, first upgrade', () => release.upgrade(byPath));
        expect((await called()).path).toBe('/sync');
        await expectUnrefused('clientCertificate to path, second upgrade', () => release.upgrade(byPath));
        expect((await called()).path).toMatch(/^\/sync\/[a-z0-9]{64}$/);
      });
    },
    400_000,
  );

  it('changes to the API server alone by the same upgrade twice, and no write is refused', async () => {
    const aggregated = inMode('aggregated');
    await expectUnrefused('path to aggregated, first upgrade', () => release.upgrade(aggregated));
    expect((await called()).name).toBe('ecr-anywhere');
    await untilAvailable();
    await expectUnrefused('path to aggregated, second upgrade', () => release.upgrade(aggregated));
    expect(await called()).toEqual({ name: 'kubernetes', path: API });
  }, 240_000);

  it('is nobody but the API server in the mode aggregated', async () => {
    await expectNothingForStrangers([{ path: '/sync' }, { path: API }]);
    expect(await askThroughApiServer(API)).toEqual(NOTHING); // the administrator, under his own name
    expect(await askThroughApiServer(inService(API), 'editor')).toEqual(NOTHING);
    expect(await askThroughApiServer(await inPod(API), 'editor')).toEqual(NOTHING);
    await worksOtherwise();
  }, 240_000);

  it('keeps namespaces from ending while no replica answers, until one does', async () => {
    const name = 'scenario-ends';
    const namespace = `/api/v1/namespaces/${name}`;
    await scale(0);
    // The API server goes on with what it knows of the API for up to a minute, and namespaces still end.
    await eventually(
      'a namespace does not end',
      async () => {
        await cluster.api.create('/api/v1/namespaces', { metadata: { name } });
        await cluster.api.delete(namespace);
        const { status } = (await cluster.api.get(namespace)).body as Namespace;
        return status?.conditions?.some(
          (one) => one.type === 'NamespaceDeletionDiscoveryFailure' && one.status === 'True',
        );
      },
      { within: 180_000, every: 1_000 },
    );
    expect((await stage.writeFake('no-replica')).status).not.toBe(201);
    await scale(2);
    console.log(`all replicas back: writes are served after ${await untilWritten()} ms`);
    await expectNothingForStrangers();
    await eventually('it ends', async () => (await cluster.api.get(namespace)).status === 404, {
      within: 180_000,
      every: 500,
    });
    await untilAvailable();
  }, 400_000);

  itOnTestbed(
    'is nobody but the API server after the API server has restarted, and after its front proxy has another CA',
    async () => {
      const pki = (name: string) => readFile(join(testbedFolder, 'pki', name), 'utf8');
      const oldCa = await pki('front-proxy-ca.crt');
      const old = { cert: await pki('front-proxy.crt'), key: await pki('front-proxy.key') };
      const newCa = await createCertificateAuthority('front-proxy-ca');
      const renewed = keyPair(await newCa.issue({ subject: FRONT_PROXY, usages: ['clientAuth'] }));
      const by = (certificate: typeof old): Question => ({ path: API, headers: AS_API_SERVER, certificate });

      await untilWrittenAfterRestart('the API server restarted');
      await expectNothingForStrangers();
      expect(await ask(by(old), by(renewed))).toEqual([CREDENTIAL, NOTHING]);

      const newFlags = (folder: string) => [
        `--requestheader-client-ca-file=${folder}/ca.crt`,
        `--proxy-client-cert-file=${folder}/client.crt`,
        `--proxy-client-key-file=${folder}/client.key`,
      ];
      const files = { 'ca.crt': newCa.cert, 'client.crt': renewed.cert, 'client.key': renewed.key };
      await withFiles(
        () => files,
        async (folder) => {
          const rotated = Date.now();
          await untilWrittenAfterRestart('the CA of the front proxy rotated', newFlags(folder));
          await untilAll(by(renewed), CREDENTIAL);
          console.log(`… and every replica knows the new CA after ${Date.now() - rotated} ms`);
          // The API server keeps the old CA in the ConfigMap until it has expired, or until somebody deletes the ConfigMap.
          expect(await publishedCas()).toContain(oldCa.trim());
          await expectNothingForStrangers();

          await publishAlone(newCa.cert);
          const from = Date.now();
          await untilAll(by(old), NOTHING);
          console.log(`the old CA removed: its certificate is refused after ${Date.now() - from} ms`);
          expect(await ask(by(old), by(renewed))).toEqual([NOTHING, CREDENTIAL]);
          await untilWritten();

          // Back in the order of docs/operations.md: the API server has both CAs first. Afterwards, it has its old files again.
          await writeFile(join(folder, 'ca.crt'), `${newCa.cert}${oldCa}`);
          await untilWrittenAfterRestart('a second CA of the front proxy added', newFlags(folder));
          await untilAll(by(old), CREDENTIAL);
        },
      );
      console.log(`its certificate changed afterwards: writes are served ${await untilWritten()} ms later`);
      await publishAlone(oldCa);
      await untilAll(by(old), CREDENTIAL);
      await untilWritten();
      await untilAvailable();
    },
    600_000,
  );

  it('refuses some writes if helm rollback goes back over the switch', async () => {
    const writes = await writesDuring('helm rollback over the switch', () =>
      cluster.helm(['rollback', 'ecr-anywhere', '-n', NAMESPACE, '--wait', '--timeout', '3m']),
    );
    expect(writes.refusals).not.toEqual([]);
    expect((await called()).name).toBe('ecr-anywhere');
    await expectUnrefused('forward again', () => release.upgrade(inMode('aggregated')));
    expect((await called()).name).toBe('kubernetes');
  }, 240_000);

  it('changes back to whoever knows the path by the same upgrade twice, and no write is refused', async () => {
    const byPath = inMode('path');
    await expectUnrefused('aggregated to path, first upgrade', () => release.upgrade(byPath));
    expect((await called()).name).toBe('kubernetes');
    await expectUnrefused('aggregated to path, second upgrade', () => release.upgrade(byPath));
    expect((await called()).path).toMatch(/^\/sync\/[a-z0-9]{64}$/);
    expect((await cluster.api.get(API_SERVICE)).status).toBe(404);
  }, 240_000);

  /** What a GitOps tool does with a commit: it renders the chart without the cluster, and applies it. */
  async function commit(given: Values): Promise<void> {
    const render = ['template', 'ecr-anywhere', CHART, '-n', NAMESPACE, '--no-hooks', '-f', '-'];
    const manifests = await cluster.helm(render, { input: JSON.stringify(given) });
    await cluster.kubectl(['apply', '-f', '-'], manifests);
    await rolledOut('120s');
  }

  it('changes with the two commits of docs/gitops.md, and no write is refused', async () => {
    const path = { key: (await called()).path.slice('/sync/'.length) };
    await expectUnrefused('path to aggregated, first commit', () =>
      commit(inMode('path', { path, alsoAccept: ['aggregated'] })),
    );
    await untilAvailable();
    await expectUnrefused('path to aggregated, second commit', () => commit(inMode('aggregated')));
    expect(await called()).toEqual({ name: 'kubernetes', path: API });
    await expectNothingForStrangers([{ path: `/sync/${path.key}` }]);
  }, 240_000);

  it('refuses some writes if one commit changes the mode', async () => {
    await writesDuring('aggregated to none in one commit', () => commit(inMode('none')));
    expect(await called()).toEqual({ name: 'ecr-anywhere', path: '/sync' });
  }, 240_000);
});

interface Namespace {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** A certificate and its key, without the rest of what its CA returns. */
const keyPair = ({ cert, key }: Certificate) => ({ cert, key });

/** Files that let the API server show a certificate to the webhook, and to no other. */
function apiServerFiles({ cert, key }: Certificate): (folder: string) => Record<string, string> {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  return (folder) => ({
    'webhooks.kubeconfig': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      users: [{ name: `ecr-anywhere.${NAMESPACE}.svc`, user }],
    }),
    'admission.json': JSON.stringify(admissionConfiguration(join(folder, 'webhooks.kubeconfig'))),
  });
}
