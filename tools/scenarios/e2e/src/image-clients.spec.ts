import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { install, startProgram, workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runEcrToken } from './ecr-token-program.ts';
import { fakeSecret, MANAGED, stageOn, startCluster } from './stage.ts';

const HELPER = join(workspaceRoot(), 'libs/ecr-token/dist/esm/cli/docker-credential.js');

/** Resolves the registry's name to this machine, for one command and its child processes. */
const WITH_HOSTS = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';

const canPull = process.getuid?.() === 0 && spawnSync('buildah', ['--version']).status === 0;

/** podman and skopeo use the same code for credentials. */
(canPull ? describe : describe.skip)('buildah', () => {
  let aws: AwsEmulator;
  let folder: string;
  let port: string;
  let keys: Record<string, string>;

  beforeAll(async () => {
    aws = await startAwsEmulator({ region: 'eu-west-1' });
    port = new URL(aws.endpoint).port;
    keys = {
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
      AWS_MAX_ATTEMPTS: '1',
    };
    folder = await mkdtemp(join(tmpdir(), 'image-clients-'));
    await mkdir(join(folder, 'bin'));
    await writeFile(
      join(folder, 'bin/docker-credential-ecr-token'),
      `#!/bin/sh\nexec '${process.execPath}' '${HELPER}' "$@"\n`,
    );
    await chmod(join(folder, 'bin/docker-credential-ecr-token'), 0o755);
    await writeFile(join(folder, 'hosts'), `127.0.0.1 localhost ${aws.registryHost}\n`);
    await writeFile(join(folder, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
    await writeFile(
      join(folder, 'registries.conf'),
      'credential-helpers = ["ecr-token", "containers-auth.json"]\n',
    );
    await writeFile(join(folder, 'no-helper.conf'), 'credential-helpers = ["containers-auth.json"]\n');
    await writeFile(join(folder, 'auth.json'), '{}');
  });

  afterAll(async () => {
    await aws.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(() => aws.fault());

  async function pull(host: string, { config = 'registries.conf', auths = 'auth.json' } = {}) {
    const store = [
      '--storage-driver',
      'vfs',
      '--root',
      join(folder, 'root'),
      '--runroot',
      join(folder, 'run'),
    ];
    const buildah = ['buildah', ...store, 'pull', '--signature-policy', join(folder, 'policy.json')];
    const image = ['--policy=always', '--tls-verify=false', `docker://${host}:${port}/team/app:1`];
    const program = startProgram(undefined, {
      command: 'unshare',
      args: ['-m', 'sh', '-c', WITH_HOSTS, 'sh', join(folder, 'hosts'), ...buildah, ...image],
      env: {
        ...keys,
        HOME: folder,
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
        REGISTRY_AUTH_FILE: join(folder, auths),
        CONTAINERS_REGISTRIES_CONF: join(folder, config),
      },
    });
    const { code } = await program.ended;
    return { code, errors: program.errors.join('\n') };
  }

  it('with docker-credential-ecr-token pulls from ECR', async () => {
    const { code, errors } = await pull(aws.registryHost);
    expect({ code, errors }).toMatchObject({ code: 0 });
    expect(errors).not.toContain('docker-credential');
  });

  it('with it shows the reason if AWS refuses, and continues without credentials', async () => {
    aws.fault({ kind: 'access-denied' });
    const { code, errors } = await pull(aws.registryHost);
    expect(code).not.toBe(0);
    expect(errors).toMatch(/^docker-credential-ecr-token: .* \[ecr-denied\]$/m);
    expect(errors).toContain('unauthorized'); // from the registry
    expect(errors).not.toContain('getting credentials');
  });

  it('with it pulls from other registries even if AWS refuses', async () => {
    const { password } = await runEcrToken(keys);
    const auth = Buffer.from(`AWS:${password}`).toString('base64');
    await writeFile(
      join(folder, 'auth.json'),
      JSON.stringify({ auths: { [`127.0.0.1:${port}`]: { auth } } }),
    );
    aws.fault({ kind: 'access-denied' });
    const { code, errors } = await pull('127.0.0.1');
    expect({ code, errors }).toMatchObject({ code: 0 });
    expect(errors).not.toContain('docker-credential');
  });

  it('pulls with a Secret that the webhook has filled, also with one that keeps the entries of other registries', async () => {
    const cluster = await startCluster();
    const env = { REGISTRY_HOSTS: `127.0.0.1:${port}` };
    const installation = await install(cluster, { aws, env });
    try {
      const stage = await stageOn(cluster);
      const annotations = { 'ecr-anywhere.centml.ai/keep_other_auths': 'true' };
      const hub = '{"auths":{"https://index.docker.io/v1/":{"auth":"Ym9iOnB3"}}}';
      const secrets = [
        fakeSecret('pull'),
        {
          ...fakeSecret('both'),
          metadata: { name: 'both', labels: MANAGED, annotations },
          data: { '.dockerconfigjson': Buffer.from(hub).toString('base64') },
        },
      ];
      for (const secret of secrets) {
        const { body } = await stage.write(secret);
        const content = Buffer.from(body.data?.['.dockerconfigjson'] ?? '', 'base64');
        await writeFile(join(folder, 'secret.json'), content);
        const pulled = await pull('127.0.0.1', { config: 'no-helper.conf', auths: 'secret.json' });
        expect(pulled).toMatchObject({ code: 0 });
      }
      await writeFile(join(folder, 'secret.json'), hub);
      expect(await pull('127.0.0.1', { config: 'no-helper.conf', auths: 'secret.json' })).toMatchObject({
        errors: expect.stringContaining('unauthorized'),
      });
    } finally {
      await installation.uninstall();
      await cluster.stop();
    }
  }, 120_000);
});
