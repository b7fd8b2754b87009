import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type ApiAnswer, type KubernetesObject } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { annotation, stageOn, type Stage } from '../stage.ts';
import { isSuccess, traffic, type Traffic } from '../traffic.ts';
import { onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { restart, restartApiServer } from './cluster/testbed.ts';
import type { Release } from './chart/release.ts';
import { metricOfReplicas, replicas } from './chart/replicas.ts';
import { startScenario, type Scenario } from './scenario.ts';

/** How long a removed endpoint may still get requests: kube-proxy must notice the removal, and requests must time out. */
const PROPAGATION = 3_000;

describe('a stream of creates and updates', () => {
  let scenario: Scenario | undefined;
  let cluster: InstalledCluster;
  let release: Release;
  let stage: Stage;
  let stream: Traffic;
  /** The times of refused writes. */
  let refusals: number[];
  /** The number of updates that were refreshed. */
  let refreshed: number;

  beforeAll(async () => {
    scenario = await startScenario();
    ({ cluster, release } = scenario);
  }, 240_000);

  afterAll(() => scenario?.end(), 120_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
    refusals = [];
    refreshed = 0;
    stream = traffic(4, writes());
  });
  afterEach(async () => void (await stream.stop()));

  /** Every second write marks an existing Secret for a refresh, and also fails if the Secret is not refreshed. */
  function writes(prefix = 'pull'): (index: number) => Promise<ApiAnswer> {
    /** Secrets without a running write. A write takes a Secret from this list, so only this write can change it. */
    const idle: KubernetesObject[] = [];
    return async (index) => {
      await sleep(20); // limits the load: the pods share this machine
      const secret = index % 2 === 0 ? undefined : idle.shift();
      const write = secret ? update(secret, `${index}`) : stage.writeFake(`${prefix}-${index}`);
      const answer = await write.catch((error: Error) => failure(error.message));
      if (isSuccess(answer)) idle.push(answer.body);
      else refusals.push(Date.now());
      return answer;
    };
  }

  async function update({ metadata }: KubernetesObject, mark: string): Promise<ApiAnswer> {
    const { name = '' } = metadata ?? {};
    const answer = await stage.annotate(name, { marked_for_update_at: mark });
    if (!isSuccess(answer)) return answer;
    if (annotation(answer.body, 'updated_at') === annotation({ metadata }, 'updated_at'))
      return failure(`${name} ${NOT_REFRESHED}`);
    refreshed += 1;
    return answer;
  }

  async function readyEndpoints(): Promise<number> {
    const selector = encodeURIComponent(`kubernetes.io/service-name=${release.name}`);
    const path = `/apis/discovery.k8s.io/v1/namespaces/${release.namespace}/endpointslices?labelSelector=${selector}`;
    const slices = (await cluster.api.get(path)).body['items'] as EndpointSlice[];
    return slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions.ready)
      .length;
  }

  const kubectl = (...args: string[]) => cluster.kubectl(['-n', release.namespace, ...args]);
  const rolledOut = () => kubectl('rollout', 'status', 'deployment', release.name, '--timeout=120s');
  const messages = (answers: readonly ApiAnswer[]) =>
    answers.map(({ status, body }) => `${status} ${body.message}`);

  /** Ends the stream, and expects that every write was served: a create, or an update with a refresh. */
  async function expectAllServed(served = stream): Promise<void> {
    expect(messages(await served.stop())).toEqual([]);
    expect(served.count).toBeGreaterThan(100);
    expect(refreshed).toBeGreaterThan(served.count / 3);
  }

  it('is served through a rolling restart', async () => {
    await kubectl('rollout', 'restart', 'deployment', release.name);
    await rolledOut();
    await sleep(8_000); // the old replicas are draining
    await expectAllServed();
  }, 180_000);

  it('is served while a replica is deleted', async () => {
    const [pod = ''] = await replicas(cluster, release);
    await kubectl('delete', 'pod', pod);
    await rolledOut();
    await eventually('writes go on', () => stream.count > 100);
    await expectAllServed();
  }, 180_000);

  it('is served while cert-manager renews the CA and then the certificate, and every replica loads them', async () => {
    for (const secret of [`${release.name}-webhook-ca`, `${release.name}-webhook-tls`]) {
      const before = await fingerprint(secret);
      await renew(secret);
      await eventually(`${secret} is issued again`, async () => (await fingerprint(secret)) !== before, {
        within: 60_000,
        every: 200,
      });
    }
    // Kubelet brings new files within its sync period, a minute or so.
    await eventually(
      'every replica has taken the new certificate',
      async () => {
        const taken = await metricOfReplicas(
          cluster,
          release,
          'ecr_anywhere_certificate_reloads_total{outcome="ok"}',
        );
        return taken.length === 2 && taken.every((count) => count > 1);
      },
      { within: 180_000, every: 1_000 },
    );
    await expectAllServed();
  }, 300_000);

  (onTestbed ? it : it.skip)(
    'is refused after a replica is killed, but only until its endpoint is removed',
    async () => {
      const [pod = ''] = await replicas(cluster, release);
      process.kill(programOf(pod), 'SIGKILL');
      await eventually('an endpoint is gone', async () => (await readyEndpoints()) < 2, { every: 20 });
      const goneAt = Date.now();
      await sleep(10_000);
      const refused = messages(await stream.stop());
      console.log(`A replica killed with SIGKILL: ${refused.length} of ${stream.count} writes were refused`);
      // The API server called the webhook and got no answer. It allowed no write without the webhook.
      expect(refused.filter((message) => !message.includes('failed calling webhook'))).toEqual([]);
      expect(refusals.filter((at) => at > goneAt + PROPAGATION)).toEqual([]);
      await rolledOut();
      refreshed = 0;
      const afterwards = traffic(4, writes('afterwards'));
      await eventually('writes go on', () => afterwards.count > 100);
      await expectAllServed(afterwards);
    },
    120_000,
  );

  (onTestbed ? it : it.skip)(
    'is refused only by the API server itself while the API server restarts',
    async () => {
      await restartApiServer(cluster);
      // A starting API server may refuse the watches of the garbage collector, which then collects nothing for minutes.
      await restart('kube-controller-manager');
      const answered = stream.count;
      await eventually('writes go on', () => stream.count > answered + 50, { within: 60_000 });
      const failures = messages(await stream.stop());
      console.log(`An API server restarted: ${failures.length} of ${stream.count} writes failed`);
      expect(failures.filter(isOurs)).toEqual([]);
      expect(refreshed).toBeGreaterThan(25);
    },
    180_000,
  );

  /** Whether the webhook is the cause: it did not answer, or the API server did not call it and refused FAKE with 422. */
  function isOurs(failure: string): boolean {
    return /^422 |webhook/.test(failure) || failure.endsWith(NOT_REFRESHED);
  }

  async function fingerprint(secret: string): Promise<string> {
    return kubectl('get', 'secret', secret, '-o', 'jsonpath={.data.tls\\.crt}');
  }

  /** Does the same as `cmctl renew`, for the Certificate of a Secret. */
  async function renew(secret: string): Promise<void> {
    const { items } = JSON.parse(await kubectl('get', 'certificates', '-o', 'json')) as {
      items: Certificate[];
    };
    const name = items.find(({ spec }) => spec.secretName === secret)?.metadata.name ?? '';
    const now = new Date().toISOString().replace(/\.\d+/, '');
    const condition = {
      type: 'Issuing',
      status: 'True',
      reason: 'ManuallyTriggered',
      lastTransitionTime: now,
    };
    const patch = JSON.stringify([{ op: 'add', path: '/status/conditions/-', value: condition }]);
    await kubectl('patch', 'certificate', name, '--subresource=status', '--type=json', '-p', patch);
  }
});

const NOT_REFRESHED = 'was updated, and not refreshed';

/** An answer for a request without an answer, or with a wrong one. */
function failure(message: string): ApiAnswer {
  return { status: 0, warnings: [], body: { message } };
}

interface EndpointSlice {
  readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[] | null;
}

interface Certificate {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly secretName: string };
}

/** The process ID, on this machine, of a pod's only container. The host name in the container is the pod's name. */
function programOf(pod: string): number {
  const found = readdirSync('/proc').find((pid) => {
    try {
      const isProgram = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/app/main.js');
      return isProgram && readFileSync(`/proc/${pid}/root/etc/hostname`, 'utf8').trim() === pod;
    } catch {
      return false; // not a process, or it has ended
    }
  });
  if (found === undefined) throw new Error(`No process of ${pod} runs on this machine`);
  return Number(found);
}
