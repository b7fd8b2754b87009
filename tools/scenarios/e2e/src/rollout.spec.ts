import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import {
  eventually,
  install,
  type Certificate,
  type Cluster,
  type Installation,
  type LeafOptions,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { stageOn, startCluster, type Stage } from './stage.ts';
import { traffic } from './traffic.ts';

describe('under a stream of writes', () => {
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster?.stop(), 30_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
  });

  afterEach(() => installation?.uninstall(), 30_000);

  const issue = (options: LeafOptions) => installation.authority.issue({ names: ['127.0.0.1'], ...options });

  it('no write fails while the certificate is replaced several times', async () => {
    installation = await install(cluster);
    const replica = only(installation);
    const writes = traffic(4, (index) => stage.writeFake(`rotation-${index}`));
    for (let round = 0; round < 3; round++) {
      const next = await installation.authority.issue({ names: ['127.0.0.1'] });
      await replica.replaceCertificate(next);
      await eventually('the new certificate is in use', async () => (await shown(replica)) === print(next));
    }
    await eventually('there was traffic', () => writes.count > 50);
    expect(await writes.stop()).toEqual([]);
  });

  it('a broken certificate is ignored and reported; the old one stays in use', async () => {
    installation = await install(cluster);
    const replica = only(installation);
    const before = await shown(replica);
    const other = await installation.authority.issue({ names: ['127.0.0.1'] });
    const { key } = await installation.authority.issue({ names: ['127.0.0.1'] });
    await replica.replaceCertificate({ cert: other.cert, key });
    await eventually('the webhook has noticed', () =>
      replica.log().some(({ msg }) => msg === 'a new TLS certificate is ignored'),
    );
    expect(await shown(replica)).toBe(before);
    expect((await stage.writeFake('after-a-broken-pair')).status).toBe(201);
    const metrics = await (await fetch(replica.metricsUrl)).text();
    expect(metrics).toMatch(/^ecr_anywhere_certificate_reloads_total\{outcome="failed"\} 1$/m);
  });

  it('an expired certificate is ignored; a certificate that is not valid yet is used from its start', async () => {
    installation = await install(cluster);
    const replica = only(installation);
    const writes = traffic(2, (index) => stage.writeFake(`validity-${index}`));
    const before = await shown(replica);
    const ignored = async (why: RegExp) => {
      await eventually('the webhook has noticed', () =>
        replica.log().some(({ problem }) => why.test(String(problem))),
      );
      expect(await shown(replica)).toBe(before);
    };
    await replica.replaceCertificate(await issue({ lifetime: -60_000 }));
    await ignored(/tls\.crt: .* expired at/);
    const early = await issue({ validIn: 3_500 });
    await replica.replaceCertificate(early);
    await ignored(/tls\.crt: .* is not valid before/);
    await eventually(
      'the certificate is valid, and in use',
      async () => (await shown(replica)) === print(early),
    );
    expect(await writes.stop()).toEqual([]);
    const told = replica.log().filter(({ problem }) => /expired at|not valid before/.test(String(problem)));
    expect(told).toHaveLength(2); // one line for each, although the webhook checks repeatedly
  });

  it('a replica with an expired certificate never replaces a working one', async () => {
    installation = await install(cluster);
    const volume = await mkdtemp(join(tmpdir(), 'ecr-anywhere-volume-'));
    await writePair(volume, await issue({ lifetime: -60_000 }));
    await writeFile(join(volume, 'ca.crt'), installation.authority.cert);
    await expect(installation.addReplica(filesIn(volume), 1_500)).rejects.toThrow('the webhook is ready');
    const answer = await fetch(installation.replicas[1]!.readyUrl);
    expect(await answer.text()).toBe('the certificate is not valid, while another replica works\n');
    expect(installation.service.ready).toHaveLength(1);
    expect((await stage.writeFake('served-by-the-valid-one')).status).toBe(201);
    await rm(volume, { recursive: true });
  });

  it('follows the symbolic links that kubelet swaps', async () => {
    installation = await install(cluster);
    const volume = await mkdtemp(join(tmpdir(), 'ecr-anywhere-volume-'));
    // Kubelet projects a Secret like this: tls.crt -> ..data/tls.crt, ..data -> a folder with a time in its name.
    const publish = async (name: string) => {
      const pair = await installation.authority.issue({ names: ['127.0.0.1'] });
      await mkdir(join(volume, name), { recursive: true });
      await writePair(join(volume, name), pair);
      await symlink(name, join(volume, '..data_tmp'));
      await rename(join(volume, '..data_tmp'), join(volume, '..data'));
      return pair;
    };
    const first = await publish('..2026_01');
    for (const file of ['tls.crt', 'tls.key']) await symlink(join('..data', file), join(volume, file));
    const mounted = await installation.addReplica(filesIn(volume));
    expect(await shown(mounted)).toBe(print(first));
    const second = await publish('..2026_02');
    await eventually(
      'the swapped certificate is in use',
      async () => (await shown(mounted)) === print(second),
    );
    await unlink(join(volume, '..data'));
    await eventually('the missing certificate is in the log', () =>
      mounted.log().some(({ problem }) => String(problem).includes('ENOENT')),
    );
    expect(await shown(mounted)).toBe(print(second));
    await rm(volume, { recursive: true });
  });

  it('a replica without a certificate is not ready and says why, until the files exist', async () => {
    installation = await install(cluster);
    const volume = await mkdtemp(join(tmpdir(), 'ecr-anywhere-volume-'));
    const starting = installation.addReplica(filesIn(volume));
    const replica = await eventually('another replica runs', () => installation.replicas[1]);
    const answer = await fetch(replica.readyUrl);
    expect([answer.status, await answer.text()]).toEqual([503, 'no certificate yet\n']);
    expect(replica.log()).toContainEqual(
      expect.objectContaining({ problem: `${join(volume, 'tls.crt')} cannot be read (ENOENT)` }),
    );
    expect((await stage.writeFake('served-by-the-other')).status).toBe(201);

    const pair = await installation.authority.issue({ names: ['127.0.0.1'] });
    await writePair(volume, pair);
    expect(await shown(await starting)).toBe(print(pair));
    await rm(volume, { recursive: true });
  });

  it('no write fails while the replicas are replaced one after another', async () => {
    installation = await install(cluster, { replicas: 2 });
    const writes = traffic(4, (index) => stage.writeFake(`rolling-${index}`));
    for (const old of [...installation.replicas]) {
      await installation.addReplica();
      const { code } = await installation.removeReplica(old);
      expect(code).toBe(0);
    }
    await eventually('there was traffic', () => writes.count > 50);
    expect(await writes.stop()).toEqual([]);
  });

  it('a replica with wrong AWS settings never replaces a working one', async () => {
    installation = await install(cluster);
    const wrong = installation.addReplica({ AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG0' }, 1_500);
    await expect(wrong).rejects.toThrow('the webhook is ready');
    expect(installation.service.ready).toHaveLength(1);
    expect((await stage.writeFake('served')).status).toBe(201);
  });

  // Only Linux has all of 127.0.0.0/8.
  (process.platform === 'linux' ? it : it.skip)(
    'a replica finds another one at a different address by the name in its certificate',
    async () => {
      installation = await install(cluster, { webhookEnv: { LISTEN_ADDRESS: '0.0.0.0' } });
      const wrong = installation.addReplica(
        {
          AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG0',
          PEER_URL: `https://127.0.0.2:${only(installation).port}`,
          PEER_SERVER_NAME: 'localhost',
        },
        3_000,
      );
      await expect(wrong).rejects.toThrow('the webhook is ready');
      const [, replica] = installation.replicas;
      expect(await (await fetch(replica!.readyUrl)).text()).toBe(
        'no token yet, while another replica holds one\n',
      );
    },
    120_000,
  );
});

/** The only replica of an installation. */
function only({ replicas: [replica] }: Installation): Replica {
  if (replica === undefined) throw new Error('there is no replica');
  return replica;
}

/** The fingerprint of the certificate that a new connection gets. */
async function shown({ port }: Replica): Promise<string | undefined> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256;
  socket.destroy();
  return fingerprint;
}

function print({ cert }: Certificate): string {
  return new X509Certificate(cert).fingerprint256;
}

function filesIn(folder: string): { CERT_FILE: string; KEY_FILE: string } {
  return { CERT_FILE: join(folder, 'tls.crt'), KEY_FILE: join(folder, 'tls.key') };
}

async function writePair(folder: string, { cert, key }: Certificate): Promise<void> {
  await writeFile(join(folder, 'tls.key'), key);
  await writeFile(join(folder, 'tls.crt'), cert);
}
