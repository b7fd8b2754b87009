import { rename, rm, symlink, unlink, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, install, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { stageOn, startCluster, type Stage } from './stage.ts';
import { traffic } from './traffic.ts';

describe('under a stream of writes', () => {
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);

  afterAll(() => cluster?.stop(), 30_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
  });

  afterEach(() => installation?.uninstall(), 30_000);

  it('nothing fails while the certificate is replaced, again and again', async () => {
    installation = await install(cluster);
    const [replica] = installation.replicas;
    const writes = traffic(4, (index) => stage.writeFake(`rotation-${index}`));
    const taken = () =>
      replica?.log().filter(({ msg }) => msg === 'a TLS certificate was taken into use').length ?? 0;
    for (let round = 0; round < 3; round++) {
      const before = taken();
      await replica?.replaceCertificate(await installation.authority.issue({ names: ['127.0.0.1'] }));
      await eventually('the new certificate is in use', () => taken() > before);
    }
    await eventually('there was traffic', () => writes.count > 50);
    expect(await writes.stop()).toEqual([]);
  }, 30_000);

  it('a broken certificate is ignored, and said so; the old one goes on', async () => {
    installation = await install(cluster);
    const [replica] = installation.replicas;
    const other = await installation.authority.issue({ names: ['127.0.0.1'] });
    const { key } = await installation.authority.issue({ names: ['127.0.0.1'] });
    await replica?.replaceCertificate({ cert: other.cert, key });
    await eventually('the webhook has noticed', () =>
      replica?.log().some(({ msg }) => msg === 'a new TLS certificate is ignored'),
    );
    expect((await stage.writeFake('after-a-broken-pair')).status).toBe(201);
    const metrics = await (await fetch(replica?.metricsUrl ?? '')).text();
    expect(metrics).toMatch(/^ecr_anywhere_certificate_reloads_total\{outcome="failed"\} 1$/m);
  }, 30_000);

  it('follows the symbolic links that kubelet swaps', async () => {
    installation = await install(cluster);
    const [replica] = installation.replicas;
    // As kubelet projects a Secret: tls.crt -> ..data/tls.crt, ..data -> a folder with a time in its name.
    const volume = join('/tmp', `ecr-anywhere-volume-${process.pid}`);
    const publish = async (name: string) => {
      const { cert, key } = await installation.authority.issue({ names: ['127.0.0.1'] });
      await mkdir(join(volume, name), { recursive: true });
      await writeFile(join(volume, name, 'tls.crt'), cert);
      await writeFile(join(volume, name, 'tls.key'), key);
      await symlink(name, join(volume, '..data_tmp'));
      await rename(join(volume, '..data_tmp'), join(volume, '..data'));
    };
    await publish('..2026_01');
    for (const file of ['tls.crt', 'tls.key']) await symlink(join('..data', file), join(volume, file));
    const mounted = await installation.addReplica({
      CERT_FILE: join(volume, 'tls.crt'),
      KEY_FILE: join(volume, 'tls.key'),
    });
    const taken = () =>
      mounted.log().filter(({ msg }) => msg === 'a TLS certificate was taken into use').length;
    await publish('..2026_02');
    await eventually('the swapped certificate is in use', () => taken() === 2);
    await unlink(join(volume, '..data'));
    await eventually('the missing one is told', () =>
      mounted.log().some(({ problem }) => String(problem).includes('ENOENT')),
    );
    await rm(volume, { recursive: true });
    expect(replica?.program.running).toBe(true);
  }, 30_000);

  it('nothing fails while replicas are replaced one after the other', async () => {
    installation = await install(cluster, { replicas: 2 });
    const writes = traffic(4, (index) => stage.writeFake(`rolling-${index}`));
    for (const old of [...installation.replicas]) {
      await installation.addReplica();
      const { code } = await installation.removeReplica(old);
      expect(code).toBe(0);
    }
    await eventually('there was traffic', () => writes.count > 50);
    expect(await writes.stop()).toEqual([]);
  }, 60_000);

  it('a replica with wrong AWS settings never takes over from one that works', async () => {
    installation = await install(cluster);
    const wrong = installation.addReplica({ AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG0' }, 3_000);
    await expect(wrong).rejects.toThrow('the webhook is ready');
    expect(installation.service.ready).toHaveLength(1);
    expect((await stage.writeFake('served')).status).toBe(201);
  }, 30_000);
});
