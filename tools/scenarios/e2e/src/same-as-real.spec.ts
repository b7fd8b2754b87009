import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRealCluster, workspaceRoot, type Cluster } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { onRealCluster } from './stage.ts';

/** Specs of the embedded cluster that use only HTTP. */
const SPECS = ['secret', 'config-map', 'namespace', 'configuration', 'admission'];

// A real API server may send two reviews for one write. Some specs count reviews, and then fail.
jest.retryTimes(2);

(onRealCluster ? describe : describe.skip)('a real API server', () => {
  let cluster: Cluster;
  let folder: string;

  beforeAll(async () => {
    cluster = await startRealCluster();
    folder = await mkdtemp(join(tmpdir(), 'same-as-real-'));
  });

  afterAll(async () => {
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('passes the specs of the embedded cluster', async () => {
    const connection = join(folder, 'connection.json');
    await writeFile(connection, JSON.stringify(cluster.connection), { mode: 0o600 });
    const root = workspaceRoot();
    const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/jest'), SPECS, {
      cwd: join(root, 'tools/stand-ins/embedded-cluster'),
      env: { ...process.env, REAL_API_SERVER: connection, FORCE_COLOR: '0' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    expect(stderr).toMatch(/^Tests: +\d+ passed/m);
  }, 180_000);
});
