import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { testbedPrograms, workspaceRoot, type Cluster } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onRealCluster, startCluster } from './stage.ts';

const CHART = join(workspaceRoot(), 'charts/ecr-anywhere');
const CONFIG_MAP = 'configmaps/ecr-anywhere-refresher-report';
const VALUES = ['--set', 'aws.region=us-east-1,tls.mode=helm,callers.mode=none'];

// The chart's ConfigMap has no data. Whoever applies the chart again must leave the data as the refresher wrote it.
(onRealCluster ? describe : describe.skip)('the report of the last run is still there', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  }, 90_000);
  afterAll(() => cluster?.stop(), 30_000);

  function run(program: string, args: readonly string[], input = ''): string {
    const { status, stdout, stderr } = spawnSync(join(testbedPrograms(), program), args, {
      input,
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG: cluster.kubeconfigFile },
    });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  }

  const path = (namespace: string) => `/api/v1/namespaces/${namespace}/${CONFIG_MAP}`;
  const data = { 'report.json': '{"version":1}' };
  const writeAsRefresher = (namespace: string) => cluster.api.patch(path(namespace), { data });
  const readData = async (namespace: string) => (await cluster.api.get(path(namespace))).body.data;

  it.each(['helm', 'helm4'])(
    'after an upgrade and a rollback with %s',
    async (helm) => {
      const namespace = `with-${helm}`;
      const release = ['ecr-anywhere', '-n', namespace];
      run(helm, ['install', ...release, CHART, '--create-namespace', ...VALUES]);
      try {
        expect(await readData(namespace)).toBeUndefined();
        await writeAsRefresher(namespace);
        const labels = ['--set', 'commonLabels.upgraded=yes'];
        run(helm, ['upgrade', ...release, CHART, ...VALUES, ...labels]);
        expect((await cluster.api.get(path(namespace))).body.metadata?.labels).toMatchObject({
          upgraded: 'yes',
        });
        expect(await readData(namespace)).toEqual(data);
        run(helm, ['rollback', ...release, '1']);
        expect(await readData(namespace)).toEqual(data);
      } finally {
        // Some objects have no namespace, and the next release has objects with the same names.
        run(helm, ['uninstall', ...release]);
      }
    },
    120_000,
  );

  it.each([
    ['kubectl apply', []],
    [
      'server-side apply, as Flux and Argo CD make it',
      ['--server-side', '--force-conflicts', '--field-manager=gitops'],
    ],
  ])(
    'after another %s of the same manifests',
    async (_, flags) => {
      const namespace = `applied${flags.length}`;
      run('kubectl', ['create', 'namespace', namespace]);
      const release = ['ecr-anywhere', '-n', namespace];
      const manifests = run('helm', ['template', ...release, CHART, '--no-hooks', ...VALUES]);
      const apply = () => run('kubectl', ['apply', ...flags, '-f', '-'], manifests);
      apply();
      try {
        await writeAsRefresher(namespace);
        apply();
        expect(await readData(namespace)).toEqual(data);
        expect(run('kubectl', ['diff', ...flags, '-f', '-'], manifests)).toBe('');
      } finally {
        run('kubectl', ['delete', '-f', '-', '--wait=false'], manifests);
      }
    },
    120_000,
  );
});
