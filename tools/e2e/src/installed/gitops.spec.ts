import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, fakeSecret, stageOn, type Stage } from '../stage.ts';
import { startAws, type AwsInCluster } from './aws.ts';
import { connectCluster, type InstalledCluster } from './cluster.ts';
import { installRelease, scenarioValues, type Release } from './release.ts';
import { deleteScenarioNamespaces } from './scenario-namespaces.ts';

describe('a GitOps tool that re-applies FAKE', () => {
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let release: Release;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await connectCluster();
    aws = await startAws(cluster);
    await aws.reset();
    release = await installRelease(cluster, scenarioValues(aws));
    stage = await stageOn(cluster);
  }, 240_000);

  afterAll(async () => {
    await release?.uninstall();
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  const manifest = () => JSON.stringify(fakeSecret('ecr-secret'));
  const serverSide = ['apply', '--server-side', '--field-manager=gitops', '-f', '-'];
  const apply = (...more: string[]) =>
    cluster.kubectl(['-n', stage.namespace, ...serverSide, ...more], manifest());

  it('causes no write and no call to AWS', async () => {
    await apply();
    const before = await stage.read('ecr-secret');
    expect(annotation(before, 'expires_at')).toBeDefined();
    await aws.reset();
    for (let round = 0; round < 5; round++) await apply();
    expect(await stage.read('ecr-secret')).toEqual(before);
    expect(await aws.calls()).toEqual({});
  }, 60_000);

  it('sees no drift in a server-side dry run', async () => {
    const before = await stage.read('ecr-secret');
    const dry = JSON.parse(await apply('--dry-run=server', '-o', 'json')) as typeof before;
    expect(dry.data).toEqual(before.data);
    expect(dry.metadata?.annotations).toEqual(before.metadata?.annotations);
    const diff = ['-n', stage.namespace, 'diff', '--server-side', '--field-manager=gitops', '-f', '-'];
    expect((await cluster.tryKubectl(diff, manifest())).code).toBe(0);
    expect(await aws.calls()).toEqual({});
  }, 60_000);
});
