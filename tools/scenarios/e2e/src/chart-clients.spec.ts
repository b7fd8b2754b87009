import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsEmulator, type AwsEmulator, type Blob, type Image } from '@ecr-anywhere/aws-emulator';
import {
  install,
  startProgram,
  testbedPrograms,
  type Cluster,
  type Installation,
} from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MANAGED, onRealCluster, stageOn, startCluster } from './stage.ts';

/** Resolves the registry's name to this machine, for one command and its child processes. */
const WITH_HOSTS = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';

/** `npm run e2e` builds helm, and needs root. */
(onRealCluster ? describe : describe.skip)('helm, with the user name and the password of a Secret', () => {
  const helm = join(testbedPrograms(), 'helm');
  let folder: string;
  let aws: AwsEmulator;
  let cluster: Cluster;
  let installation: Installation;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chart-clients-'));
    aws = await startAwsEmulator({ image: await chart() });
    cluster = await startCluster();
    installation = await install(cluster, { aws });
  }, 120_000);

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
    await aws?.stop();
    await rm(folder, { recursive: true });
  });

  /** A chart as `helm push` stores it. */
  async function chart(): Promise<Image> {
    await mkdir(join(folder, 'app'));
    const metadata = { apiVersion: 'v2', name: 'app', version: '1.2.3' };
    await writeFile(join(folder, 'app/Chart.yaml'), JSON.stringify(metadata));
    execFileSync(helm, ['package', join(folder, 'app'), '--destination', folder]);
    const blob = (type: string, content: Buffer | string): Blob & { readonly content: Buffer } => {
      const bytes = Buffer.from(content);
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      return { mediaType: `application/vnd.${type}`, content: bytes, digest };
    };
    const config = blob('cncf.helm.config.v1+json', JSON.stringify(metadata));
    const layer = blob('cncf.helm.chart.content.v1.tar+gzip', await readFile(join(folder, 'app-1.2.3.tgz')));
    const [configured, ...layers] = [config, layer].map(({ mediaType, digest, content }) => ({
      mediaType,
      digest,
      size: content.length,
    }));
    const manifest = { schemaVersion: 2, config: configured, layers };
    return { manifest: blob('oci.image.manifest.v1+json', JSON.stringify(manifest)), blobs: [config, layer] };
  }

  it('pulls a chart of the repository that the Secret names', async () => {
    const url = `${aws.registryHost}/charts/app`;
    const stage = await stageOn(cluster);
    const { body } = await stage.write({
      metadata: {
        name: 'charts',
        labels: { ...MANAGED, 'argocd.argoproj.io/secret-type': 'repository' },
      },
      stringData: { type: 'helm', enableOCI: 'true', url },
    });
    const text = (key: string) => Buffer.from(body.data?.[key] ?? '', 'base64').toString();
    const { port } = new URL(aws.registryUrl);
    await writeFile(join(folder, 'hosts'), `127.0.0.1 localhost ${aws.registryHost}\n`);
    const pull = async (password: string) => {
      const source = `oci://${text('url').replace('/', `:${port}/`)}`;
      const login = ['--username', text('username'), '--password', password];
      const command = [helm, 'pull', source, '--version', '1.2.3', '--plain-http', ...login, '-d', folder];
      const program = startProgram(undefined, {
        command: 'unshare',
        args: ['-m', 'sh', '-c', WITH_HOSTS, 'sh', join(folder, 'hosts'), ...command],
        env: { HOME: folder, PATH: process.env['PATH'] ?? '' },
      });
      const { code } = await program.ended;
      return { code, errors: program.errors.join('\n') };
    };
    await rm(join(folder, 'app-1.2.3.tgz'));
    expect(await pull('wrong')).toMatchObject({ code: 1, errors: expect.stringContaining('401') });
    expect(await pull(text('password'))).toMatchObject({ code: 0 });
    expect((await readFile(join(folder, 'app-1.2.3.tgz'))).length).toBeGreaterThan(0);
  });
});
