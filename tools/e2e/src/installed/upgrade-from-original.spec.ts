import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCertificateAuthority, workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, stageOn, type Stage } from '../stage.ts';
import { traffic } from '../traffic.ts';
import { startAws, type AwsInCluster } from './aws.ts';
import { connectCluster, type InstalledCluster } from './cluster.ts';
import { IMAGES } from './images.ts';
import { CHART, surroundings, untilReplaced, untilServed } from './release.ts';
import { deleteScenarioNamespaces } from './scenario-namespaces.ts';

const NAMESPACE = 'ecr-anywhere';
const ORIGINAL = join(workspaceRoot(), 'tools/e2e/original-chart');

describe('helm upgrade from the original', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let stage: Stage;
  let values: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    stage = await stageOn(cluster);
    const authority = await createCertificateAuthority('of-the-user');
    const { cert, key } = await authority.issue({ names: [`ecr-anywhere.${NAMESPACE}.svc`] });
    await cluster.tryKubectl(['create', 'namespace', NAMESPACE]);
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { name: 'ecr-anywhere-tls', namespace: NAMESPACE },
      stringData: { 'tls.crt': cert, 'tls.key': key },
    });
    const env = {
      AWS_ACCESS_KEY_ID: aws.keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.keys.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: aws.endpoint,
    };
    const list = Object.entries(env).map(([name, value]) => ({ name, value }));
    values = {
      caBundle: Buffer.from(authority.cert).toString('base64'),
      deployment: { pod: { container: { env: list } } },
    };
    const image = `${IMAGES.repository}-webhook:${IMAGES.tag}`;
    await helm('install', ORIGINAL, { ...values, image });
    await untilServed(cluster);
  }, 240_000);

  afterAll(async () => {
    await cluster?.tryHelm(['uninstall', 'ecr-anywhere', '-n', NAMESPACE, '--wait']);
    await cluster?.tryKubectl(['-n', NAMESPACE, 'delete', 'secret', 'ecr-anywhere-tls']);
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  const helm = (verb: string, chart: string, given: object) =>
    cluster.helm([verb, 'ecr-anywhere', chart, '-n', NAMESPACE, '-f', '-', '--wait', '--timeout', '3m'], {
      input: JSON.stringify(given),
    });

  it('with the same values leaves no labelled Secret unserved, and no edit to one is needed', async () => {
    await stage.writeFake('of-before');
    const before = await stage.read('of-before');
    const stream = traffic(4, async (index) => {
      await sleep(20);
      return stage.writeFake(`pull-${index}`);
    });
    const { image } = surroundings(aws);
    await helm('upgrade', CHART, { ...values, image, cronjob: { suspend: true } });
    await untilReplaced(cluster, { name: 'ecr-anywhere', namespace: NAMESPACE });
    const refused = (await stream.stop()).map(({ body }) => body.message);
    expect(refused).toEqual([]);
    expect(stream.count).toBeGreaterThan(100);
    expect((await stage.annotate('of-before', { marked_for_update_at: 'by hand' })).status).toBe(200);
    const after = await stage.read('of-before');
    expect(annotation(after, 'updated_at')).not.toBe(annotation(before, 'updated_at'));
  }, 240_000);

  it('leaves nothing twice', async () => {
    const kinds = 'deployments,services,cronjobs,poddisruptionbudgets';
    const names = await cluster.kubectl(['-n', NAMESPACE, 'get', kinds, '-o', 'name']);
    expect(names.trim().split('\n').sort()).toEqual([
      'cronjob.batch/ecr-anywhere',
      'deployment.apps/ecr-anywhere',
      'poddisruptionbudget.policy/ecr-anywhere',
      'service/ecr-anywhere',
    ]);
    const configurations = await cluster.kubectl(['get', 'mutatingwebhookconfigurations', '-o', 'name']);
    expect(configurations.trim()).toBe(
      'mutatingwebhookconfiguration.admissionregistration.k8s.io/ecr-anywhere',
    );
    const roles = await cluster.kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name']);
    expect(roles.split('\n').filter((name) => name.includes('ecr-anywhere'))).toHaveLength(2);
  });

  it('leaves the refresher’s pods out of the Service', async () => {
    const cronJob = JSON.parse(
      await cluster.kubectl(['-n', NAMESPACE, 'get', 'cronjob', 'ecr-anywhere', '-o', 'json']),
    ) as { spec: { jobTemplate: { spec: { template: { metadata: { labels: Record<string, string> } } } } } };
    expect(cronJob.spec.jobTemplate.spec.template.metadata.labels['app']).toBe('ecr-anywhere-refresher');
  });
});
