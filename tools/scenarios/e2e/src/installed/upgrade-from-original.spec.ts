import { join } from 'node:path';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, stageOn, type Stage } from '../stage.ts';
import { startAws, type AwsInCluster } from './cluster/aws.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { attempt, command } from './cluster/command.ts';
import { IMAGES } from './cluster/images.ts';
import { applyOwnTls } from './cluster/own-tls.ts';
import { CHART, surroundings, untilReplaced, untilServed, type Values } from './chart/release.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';
import { underWrites, type Writes } from './under-writes.ts';

/** Helm's name of the release. The objects are called after `name` in the values, before and after the upgrade. */
const RELEASE = 'pull-secrets';
const NAMESPACE = 'ecr-anywhere';
const HOST = `ecr-anywhere.${NAMESPACE}.svc`;
const ORIGINAL = join(workspaceRoot(), 'tools/scenarios/e2e/original-chart');

/** How long the stand-in for the original takes to listen, in milliseconds: see original-chart. It has no readiness probe. */
const ORIGINAL_STARTS = 2_000;
/** How long changes of endpoints take to reach kube-proxy, and pods to start, in milliseconds. */
const PROPAGATION = 3_000;
/** A limit for refused writes, in milliseconds. The original has `caBundle: null`, so an upgrade removes the injected CA. */
const INJECTION = 5_000;

describe('helm upgrade from the original', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let stage: Stage;
  /** The user's values, which stay the same in upgrades. */
  let values: Values;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    await cluster.tryKubectl(['create', 'namespace', NAMESPACE]);
  }, 240_000);

  afterAll(async () => {
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  const to = (chart: string) => {
    return [RELEASE, chart, '-n', NAMESPACE, '-f', '-', '--wait', '--timeout', '3m'];
  };

  async function installOriginal(ownTls: Values): Promise<void> {
    const env = {
      AWS_ACCESS_KEY_ID: aws.keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.keys.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: aws.endpoint,
    };
    const list = Object.entries(env).map(([name, value]) => ({ name, value }));
    values = { ...ownTls, deployment: { pod: { container: { env: list } } } };
    const image = `${IMAGES.repository}-webhook:${IMAGES.tag}`;
    // Helm 4 refuses the original chart because of an unknown field, so its users installed it with Helm 3.
    await command('helm', ['install', ...to(ORIGINAL)], { input: JSON.stringify({ ...values, image }) });
    await untilServed(cluster);
    stage = await stageOn(cluster);
  }

  async function uninstall(): Promise<void> {
    await cluster?.tryHelm(['uninstall', RELEASE, '-n', NAMESPACE, '--wait']);
    await cluster?.tryKubectl(['-n', NAMESPACE, 'delete', 'certificates,issuers', '--all']);
    await cluster?.tryKubectl(['-n', NAMESPACE, 'delete', 'secret', 'ecr-anywhere-tls']);
  }

  /** Upgrades with the same values, and perhaps the number of replicas, during a stream of new Secrets. */
  async function upgradeUnderWrites(helm: string, replicas?: number): Promise<Writes> {
    const { image } = surroundings(aws);
    const deployment = { ...(values['deployment'] as Values), ...(replicas !== undefined && { replicas }) };
    const input = JSON.stringify({ ...values, deployment, image, cronjob: { suspend: true } });
    return writesDuring(`${helm} upgrade, replicas ${replicas ?? 'as in the chart'}`, () =>
      command(helm, ['upgrade', ...to(CHART)], { input }),
    );
  }

  async function writesDuring(what: string, action: () => Promise<unknown>): Promise<Writes> {
    const writes = await underWrites(stage, async () => {
      await action();
      await untilReplaced(cluster, { name: 'ecr-anywhere', namespace: NAMESPACE });
    });
    const { refusals, count, span } = writes;
    console.log(
      `${what}: ${refusals.length} of ${count} writes were refused, within ${span} ms`,
      refusals[0] ?? '',
    );
    expect(count).toBeGreaterThan(100);
    return writes;
  }

  async function expectRefreshed(name: string): Promise<void> {
    const before = await stage.read(name);
    expect((await stage.annotate(name, { marked_for_update_at: 'by hand' })).status).toBe(200);
    expect(annotation(await stage.read(name), 'updated_at')).not.toBe(annotation(before, 'updated_at'));
  }

  describe.each(onTestbed ? ['helm', 'helm4'] : ['helm'])('with a caBundle, by %s', (helm) => {
    beforeAll(async () => {
      const caBundle = await applyOwnTls(cluster, { name: 'ecr-anywhere-tls', namespace: NAMESPACE }, HOST);
      await installOriginal({ caBundle });
    }, 240_000);
    afterAll(uninstall, 120_000);

    it('is refused with --reuse-values, which brings the defaults of the original', async () => {
      const upgrade = ['upgrade', RELEASE, CHART, '-n', NAMESPACE, '--reuse-values'];
      const { code, errors } = await attempt(helm, upgrade);
      expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining('missing properties') });
    });

    it('and as many replicas as before refuses no write, and no Secret has to be edited', async () => {
      await stage.writeFake('of-before');
      expect((await upgradeUnderWrites(helm, 1)).refusals).toEqual([]);
      expect(await createdOriginals()).toBe(1);
      await expectRefreshed('of-before');
    }, 240_000);

    it('and more replicas in the next upgrade refuses no write', async () => {
      expect((await upgradeUnderWrites(helm)).refusals).toEqual([]);
    }, 240_000);

    it('renames nothing and leaves no duplicate objects, although the release has another name', async () => {
      const kinds = 'deployments,services,cronjobs,poddisruptionbudgets';
      const names = await cluster.kubectl(['-n', NAMESPACE, 'get', kinds, '-o', 'name']);
      expect(names.trim().split('\n').sort()).toEqual([
        'cronjob.batch/ecr-anywhere',
        'deployment.apps/ecr-anywhere',
        'poddisruptionbudget.policy/ecr-anywhere',
        'service/ecr-anywhere',
        'service/ecr-anywhere-peers', // of ours alone
      ]);
      const configurations = await cluster.kubectl(['get', 'mutatingwebhookconfigurations', '-o', 'name']);
      expect(configurations.trim()).toBe(
        'mutatingwebhookconfiguration.admissionregistration.k8s.io/ecr-anywhere',
      );
      const roles = await cluster.kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name']);
      expect(roles.split('\n').filter((name) => name.includes('ecr-anywhere'))).toHaveLength(2);
    });

    it('does not add the refresher’s pods to the Service', async () => {
      const cronJob = JSON.parse(
        await cluster.kubectl(['-n', NAMESPACE, 'get', 'cronjob', 'ecr-anywhere', '-o', 'json']),
      ) as {
        spec: { jobTemplate: { spec: { template: { metadata: { labels: Record<string, string> } } } } };
      };
      expect(cronJob.spec.jobTemplate.spec.template.metadata.labels['app']).toBe('ecr-anywhere-refresher');
    });

    it('and back by helm rollback refuses writes only while the original starts', async () => {
      const back = ['rollback', RELEASE, '1', '-n', NAMESPACE, '--wait', '--timeout', '3m'];
      const writes = await writesDuring(`${helm} rollback`, () => command(helm, back));
      // The API server calls /sync at once, and the pods that still run do not accept it any more.
      expectOnlyWhileOriginalStarts(writes, ['connection refused', 'could not find the requested resource']);
      expect(writes.refusals).not.toEqual([]);
    }, 240_000);

    // Refusals are rare: the API server has connections to the first pod, and seldom opens another one.
    it('and more replicas at once starts another pod of the original, and may refuse writes until it listens', async () => {
      const before = await createdOriginals();
      expectOnlyWhileOriginalStarts(await upgradeUnderWrites(helm, 2));
      expect(await createdOriginals()).toBe(before + 1);
    }, 240_000);

    function expectOnlyWhileOriginalStarts(
      { refusals, span }: Writes,
      reasons = ['connection refused'],
    ): void {
      const isExpected = (message: string) => reasons.some((reason) => message.includes(reason));
      expect(refusals.filter((message) => !isExpected(message))).toEqual([]);
      // One pod after the other is replaced while a reason other than the start remains.
      expect(span).toBeLessThan((ORIGINAL_STARTS + PROPAGATION) * reasons.length);
    }

    /**
     * How many pods of the original were created so far. It has no readiness probe. Events of the Deployment do not tell: Kubernetes
     * combines more than ten of them within ten minutes.
     */
    async function createdOriginals(): Promise<number> {
      const list = async (...what: string[]) =>
        (
          JSON.parse(await cluster.kubectl(['-n', NAMESPACE, 'get', ...what, '-o', 'json'])) as {
            items: Listed[];
          }
        ).items;
      const originals = (await list('replicasets'))
        .filter(({ spec }) => spec?.template.spec.containers[0]?.readinessProbe === undefined)
        .map(({ metadata }) => metadata.uid);
      const events = await list('events', '--field-selector', 'reason=SuccessfulCreate');
      return events.filter(({ involvedObject }) => originals.includes(involvedObject?.uid ?? '')).length;
    }
  });

  describe('with a CA that cert-manager injects', () => {
    beforeAll(async () => {
      const metadata = { name: 'ecr-anywhere-tls', namespace: NAMESPACE };
      const issuerRef = { name: metadata.name };
      await cluster.apply(
        { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata, spec: { selfSigned: {} } },
        {
          apiVersion: 'cert-manager.io/v1',
          kind: 'Certificate',
          metadata,
          spec: { secretName: metadata.name, dnsNames: [HOST], issuerRef },
        },
      );
      const annotations = { 'cert-manager.io/inject-ca-from': `${NAMESPACE}/${metadata.name}` };
      await installOriginal({ mutatingWebhookConfiguration: { annotations } });
    }, 240_000);
    afterAll(uninstall, 120_000);

    it('and as many replicas as before refuses labelled Secrets only until cert-manager has injected the CA again', async () => {
      await stage.writeFake('of-before');
      expect((await upgradeUnderWrites('helm', 1)).span).toBeLessThan(INJECTION);
      await expectRefreshed('of-before');
    }, 240_000);
  });
});

/** What a ReplicaSet or an event has. */
interface Listed {
  readonly metadata: { readonly uid: string };
  readonly spec?: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly readinessProbe?: object }[] };
    };
  };
  readonly involvedObject?: { readonly uid: string };
}
