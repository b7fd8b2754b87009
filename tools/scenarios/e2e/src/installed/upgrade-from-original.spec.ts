import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, stageOn, type Stage } from '../stage.ts';
import { isSuccess, traffic } from '../traffic.ts';
import { startAws, type AwsInCluster } from './aws.ts';
import { connectCluster, type InstalledCluster } from './cluster.ts';
import { command } from './command.ts';
import { IMAGES } from './images.ts';
import { applyOwnTls } from './own-tls.ts';
import { CHART, surroundings, untilReplaced, untilServed, type Values } from './release.ts';
import { deleteScenarioNamespaces } from './scenario-namespaces.ts';

/** Helm's name of the release. The objects are called after `name` in the values, before and after the upgrade. */
const RELEASE = 'pull-secrets';
const NAMESPACE = 'ecr-anywhere';
const HOST = `ecr-anywhere.${NAMESPACE}.svc`;
const ORIGINAL = join(workspaceRoot(), 'tools/scenarios/e2e/original-chart');

/** A limit for refused writes, in milliseconds. The original has `caBundle: null`, so an upgrade removes the injected CA. */
const INJECTION = 5_000;

describe('helm upgrade from the original', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let stage: Stage;
  /** The user's values, which stay the same in upgrades. */
  let values: Values;
  /** The times and messages of refused writes. */
  let refusals: { readonly at: number; readonly message: string | undefined }[];

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

  /** Upgrades with the same values during a stream of new Secrets. @returns the number of these Secrets */
  async function upgradeUnderWrites(): Promise<number> {
    refusals = [];
    const stream = traffic(4, async (index) => {
      await sleep(20);
      const answer = await stage.writeFake(`pull-${index}`);
      if (!isSuccess(answer)) refusals.push({ at: Date.now(), message: answer.body.message });
      return answer;
    });
    const { image } = surroundings(aws);
    await cluster.helm(['upgrade', ...to(CHART)], {
      input: JSON.stringify({ ...values, image, cronjob: { suspend: true } }),
    });
    await untilReplaced(cluster, { name: 'ecr-anywhere', namespace: NAMESPACE });
    await stream.stop();
    expect(stream.count).toBeGreaterThan(100);
    return stream.count;
  }

  async function expectRefreshed(name: string): Promise<void> {
    const before = await stage.read(name);
    expect((await stage.annotate(name, { marked_for_update_at: 'by hand' })).status).toBe(200);
    expect(annotation(await stage.read(name), 'updated_at')).not.toBe(annotation(before, 'updated_at'));
  }

  describe('with a caBundle', () => {
    beforeAll(async () => {
      const caBundle = await applyOwnTls(cluster, { name: 'ecr-anywhere-tls', namespace: NAMESPACE }, HOST);
      await installOriginal({ caBundle });
    }, 240_000);
    afterAll(uninstall, 120_000);

    it('and the same values serves every labelled Secret, and no Secret has to be edited', async () => {
      await stage.writeFake('of-before');
      await upgradeUnderWrites();
      expect(refusals).toEqual([]);
      await expectRefreshed('of-before');
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

    it('and the same values refuses labelled Secrets only until cert-manager has injected the CA again', async () => {
      await stage.writeFake('of-before');
      const count = await upgradeUnderWrites();
      const [first = 0, last = first] = [refusals.at(0)?.at, refusals.at(-1)?.at];
      console.log(
        `The CA was injected again: ${refusals.length} of ${count} writes were refused, within ${last - first} ms`,
        refusals.at(0)?.message ?? '',
      );
      expect(last - first).toBeLessThan(INJECTION);
      await expectRefreshed('of-before');
    }, 240_000);
  });
});
