import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, workspaceRoot, type ApiAnswer } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { stageOn, type Stage } from '../stage.ts';
import { traffic, type Traffic } from '../traffic.ts';
import { startAws } from './aws.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster.ts';
import { command } from './command.ts';
import { installRelease, scenarioValues, type Release } from './release.ts';

describe('a stream of creates and updates', () => {
  let cluster: InstalledCluster;
  let release: Release;
  let stage: Stage;
  let stream: Traffic;

  beforeAll(async () => {
    cluster = await connectCluster();
    const aws = await startAws(cluster);
    await aws.reset();
    release = await installRelease(cluster, scenarioValues(aws));
  }, 240_000);

  afterAll(async () => {
    await release?.uninstall();
    await cluster?.tryKubectl([
      'delete',
      'namespace',
      '-l',
      'ecr-anywhere.centml.ai/namespace',
      '--wait=false',
    ]);
    await cluster?.close();
  }, 120_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
    stream = traffic(4, writes());
  });
  afterEach(async () => void (await stream.stop()));

  /** Every other write asks for a refresh of a Secret that is there. */
  function writes(): (index: number) => Promise<ApiAnswer> {
    return async (index) => {
      await sleep(20); // a stream, not a flood: the pods share this machine
      const write =
        index % 2 === 0 || index < 20
          ? stage.writeFake(`pull-${index}`)
          : stage.annotate('pull-0', { marked_for_update_at: `${index}` });
      return write.catch((error: Error) => ({ status: 0, warnings: [], body: { message: error.message } }));
    };
  }

  const kubectl = (...args: string[]) => cluster.kubectl(['-n', release.namespace, ...args]);
  const rolledOut = () => kubectl('rollout', 'status', 'deployment', release.name, '--timeout=120s');
  const refusedByAdmission = (answers: readonly ApiAnswer[]) =>
    answers.map(({ body }) => body.message ?? '').filter((message) => message.includes('webhook'));

  it('is served through a rolling restart', async () => {
    await kubectl('rollout', 'restart', 'deployment', release.name);
    await rolledOut();
    await sleep(8_000); // the old replicas are draining
    expect(refusedByAdmission(await stream.stop())).toEqual([]);
    expect(stream.count).toBeGreaterThan(100);
  }, 180_000);

  it('is served while a replica is deleted', async () => {
    const [pod = ''] = await webhookPods();
    await kubectl('delete', 'pod', pod);
    await rolledOut();
    expect(refusedByAdmission(await stream.stop())).toEqual([]);
  }, 180_000);

  it('is served while cert-manager renews the CA, and then the certificate, which every replica takes into use', async () => {
    for (const secret of [`${release.name}-ca`, `${release.name}-webhook-tls`]) {
      const before = await fingerprint(secret);
      await renew(secret);
      await eventually(`${secret} is issued anew`, async () => (await fingerprint(secret)) !== before, {
        within: 60_000,
        every: 200,
      });
    }
    // Kubelet brings new files within its sync period, a minute or so.
    await eventually(
      'every replica has taken the new certificate',
      async () => {
        const taken = await Promise.all((await webhookPods()).map(certificatesTaken));
        return taken.length === 2 && taken.every((count) => count > 1);
      },
      { within: 180_000, every: 1_000 },
    );
    expect(refusedByAdmission(await stream.stop())).toEqual([]);
  }, 300_000);

  (onTestbed ? it : it.skip)(
    'is refused for no longer than a killed replica is still an endpoint',
    async () => {
      const [pid] = programsOf('/app/main.js', 'webhook');
      process.kill(pid!, 'SIGKILL');
      await sleep(15_000);
      const refused = refusedByAdmission(await stream.stop());
      console.log(`A replica killed with SIGKILL: ${refused.length} of ${stream.count} writes were refused`);
      await rolledOut();
      const afterwards = traffic(4, writes());
      await sleep(3_000);
      expect(refusedByAdmission(await afterwards.stop())).toEqual([]);
      expect(refused.length).toBeLessThan(stream.count / 2);
    },
    120_000,
  );

  (onTestbed ? it : it.skip)(
    'is refused by nothing but the API server while that restarts',
    async () => {
      await command(join(workspaceRoot(), 'tools/testbed/cluster.sh'), ['restart', 'kube-apiserver']);
      await eventually(
        'the API server is back',
        async () => (await cluster.api.get('/readyz')).status === 200,
        {
          within: 60_000,
        },
      );
      const answered = stream.count;
      await eventually('writes go on', () => stream.count > answered + 50, { within: 60_000 });
      expect(refusedByAdmission(await stream.stop())).toEqual([]);
    },
    180_000,
  );

  async function webhookPods(): Promise<string[]> {
    const names = await kubectl('get', 'pods', '-l', `app=${release.name}`, '-o', 'name');
    return names
      .trim()
      .split('\n')
      .map((name) => name.replace('pod/', ''));
  }

  async function certificatesTaken(pod: string): Promise<number> {
    const path = `/api/v1/namespaces/${release.namespace}/pods/http:${pod}:8081/proxy/metrics`;
    const { message = '' } = (await cluster.api.get(path)).body;
    return Number(/^ecr_anywhere_certificate_reloads_total\{outcome="ok"\} (\d+)$/m.exec(message)?.[1]);
  }

  async function fingerprint(secret: string): Promise<string> {
    return kubectl('get', 'secret', secret, '-o', 'jsonpath={.data.tls\\.crt}');
  }

  /** What `cmctl renew` does. The Certificate is found by its Secret. */
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

interface Certificate {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly secretName: string };
}

/** Processes in containers of this machine, by their command line and what their image says they are. */
function programsOf(file: string, app: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const isProgram = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(file);
        const name = isProgram && readFileSync(`/proc/${pid}/root/app/package.json`, 'utf8');
        return name !== false && name.includes(`@ecr-anywhere/${app}`);
      } catch {
        return false; // it has ended meanwhile
      }
    });
}
