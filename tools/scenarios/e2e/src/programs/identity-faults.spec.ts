import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { eventually, startProgram, workspaceRoot, type Program } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runEcrToken, startEcrToken } from '../ecr-token-program.ts';

const ROLE = 'arn:aws:iam::111122223333:role/pull';

/** If the identity is wrong, the program gives the true reason and the right exit code, and it ends. */
describe('a wrong identity', () => {
  let aws: AwsEmulator;
  let folder: string;

  beforeAll(async () => {
    aws = await startAwsEmulator();
  });
  afterAll(() => aws.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'identity-faults-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = (env: Record<string, string>) =>
    runEcrToken({ HOME: folder, AWS_ENDPOINT_URL: aws.endpoint, ...env });
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const pipe = () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    return path;
  };
  const keys = () => ({
    AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
  });

  describe('a file that is a pipe without a writer', () => {
    it.each([
      ['AWS_WEB_IDENTITY_TOKEN_FILE', 1, { AWS_ROLE_ARN: ROLE }],
      ['AWS_CONFIG_FILE', 2, {}],
      ['AWS_SHARED_CREDENTIALS_FILE', 2, {}],
      ['AWS_CA_BUNDLE', 2, {}],
      [
        'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
        1,
        { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/', AWS_ACCESS_KEY_ID: '' },
      ],
    ])('the error names the pipe, and the program ends: %s', async (variable, expected, env) => {
      const path = pipe();
      const { code, errors } = await run({ ...keys(), ...env, [variable]: path });
      expect(code).toBe(expected);
      expect(errors).toContain(path);
      expect(errors).toContain('not a regular file');
      expect(errors).toContain(variable);
    });
  });

  it('if a token file has 30 MB, the error names it', async () => {
    const path = await file('token', '');
    await truncate(path, 30_000_000);
    const { code, errors } = await run({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: path });
    expect(code).toBe(1);
    expect(errors).toContain(`${path} is larger than 1 MiB [identity-rejected]`);
  });

  it('if half of a key is missing, the error says which half and does not show the other', async () => {
    const { code, errors } = await run({ AWS_ACCESS_KEY_ID: 'AKIA-PLANTED' });
    expect(code).toBe(1);
    expect(errors).toContain(
      'AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not [credentials-missing]',
    );
    expect(errors).not.toContain('PLANTED');
  });

  it('if a proxy requires a password, the error says so; the exit code does not suggest a retry', async () => {
    const proxy = createServer().on('connect', (_, client: Duplex) => client.end('HTTP/1.1 407 No\r\n\r\n'));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const HTTPS_PROXY = `http://127.0.0.1:${port}`;
    const { code, errors } = await run({ ...keys(), AWS_ENDPOINT_URL: '', HTTPS_PROXY });
    await new Promise((resolve) => proxy.close(resolve));
    expect(code).toBe(1);
    expect(errors).toContain(`The proxy 127.0.0.1:${port} asks for a user name and a password`);
  });

  describe('a credential_process that hangs', () => {
    /** A profile whose process starts a child. The process writes both process IDs to a file. */
    const hanging = async () => {
      const pids = join(folder, 'pids');
      const command = `sh -c 'sleep 1000 & echo $$ $! > ${pids}; wait'`;
      const config = await file('config', `[default]\ncredential_process = ${command}\n`);
      const started = () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split(' ') : []);
      return { config, started };
    };
    const allEnd = (pids: readonly string[]) =>
      eventually('the processes end', () => pids.length === 2 && !pids.some(isRunning));

    it('the error names it, and all its processes are killed', async () => {
      const { config, started } = await hanging();
      const { code, errors } = await run({ AWS_CONFIG_FILE: config });
      expect(code).toBe(75);
      expect(errors).toContain(
        `The credential_process of the profile default in ${config} took longer than 10 s`,
      );
      expect(errors).not.toMatch(/network|PROXY/);
      await allEnd(started());
    });

    it('is killed when the program gets SIGINT', async () => {
      const { config, started } = await hanging();
      const program = startEcrToken({ HOME: folder, AWS_CONFIG_FILE: config });
      await eventually('the process has started', () => started().length === 2);
      program.signal('SIGINT');
      expect(await program.ended).toEqual({ code: 130, signal: null });
      await allEnd(started());
    });
  });
});

const NAMESPACE = `ecr-anywhere-${process.pid}`;
/** Only root can create a network namespace, and needs `ip` for it. */
const hasNetwork = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'list']).status === 0;

/** In a network namespace with the real addresses of the EKS and ECS agents. The program can reach nothing else. */
(hasNetwork ? describe : describe.skip)('the identity of a pod', () => {
  const within = ['ip', 'netns', 'exec', NAMESPACE];
  const EKS = '169.254.170.23';
  let aws: Program;
  let broken: Program;
  let token: string;

  beforeAll(async () => {
    execFileSync('ip', ['netns', 'add', NAMESPACE]);
    for (const command of [
      'link set lo up',
      `addr add ${EKS}/32 dev lo`,
      'addr add 169.254.170.2/32 dev lo',
    ]) {
      execFileSync('ip', ['-n', NAMESPACE, ...command.split(' ')]);
    }
    const start = (args: string[], env: Record<string, string> = {}) =>
      startProgram(undefined, { command: 'ip', args: [...within.slice(1), process.execPath, ...args], env });
    const emulator = join(workspaceRoot(), 'tools/stand-ins/aws-emulator/dist/main.js');
    aws = start([emulator], { HOST: '0.0.0.0', PORT: '80' });
    const answer = "response.writeHead(500).end('planted')";
    broken = start([
      '-e',
      `require('node:http').createServer((_, response) => ${answer}).listen(81, '${EKS}', () => console.log('up'))`,
    ]);
    await eventually('both listen', () => aws.output.length > 0 && broken.output.length > 0);
    const ask = "fetch('http://127.0.0.1/_emulator/info').then((answer) => answer.text()).then(console.log)";
    const info = execFileSync('ip', [...within.slice(1), process.execPath, '-e', ask]).toString();
    ({ token } = (JSON.parse(info) as { container: { token: string } }).container);
  });
  afterAll(async () => {
    await aws?.stop();
    await broken?.stop();
    execFileSync('ip', ['netns', 'delete', NAMESPACE]);
  });

  const run = (env: Record<string, string>) =>
    runEcrToken(
      {
        HOME: '/nowhere',
        AWS_ENDPOINT_URL: 'http://127.0.0.1',
        AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
        ...env,
      },
      within,
    );

  it.each([
    ['EKS', { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${EKS}/container-credentials` }],
    ['ECS', { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/container-credentials' }],
  ])('comes from the agent of %s', async (_, env) => {
    expect(await run(env)).toMatchObject({ code: 0, password: expect.any(String) });
  });

  it.each([
    ['is down', ':82/', 75, 'could not be reached (ECONNREFUSED) [network]'],
    ['fails', ':81/', 75, 'failed (HTTP 500) [service]'],
    [
      'knows no association',
      '/v1/credentials',
      1,
      'knows no association for this pod (HTTP 404) [credentials-missing]',
    ],
  ])('the error says that the EKS agent %s', async (_, path, code, words) => {
    const result = await run({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${EKS}${path}` });
    expect(result.code).toBe(code);
    expect(result.errors).toContain(`The EKS Pod Identity agent at ${EKS}`);
    expect(result.errors).toContain(words);
    expect(result.errors).not.toContain('planted');
  });

  it('the error says that the EKS agent refuses the token', async () => {
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${EKS}/container-credentials` };
    const { code, errors } = await run({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'wrong' });
    expect(code).toBe(1);
    expect(errors).toContain('refuses to give credentials (HTTP 401)');
    expect(errors).toContain('AWS_CONTAINER_AUTHORIZATION_TOKEN');
  });

  it('a machine outside EC2 does not wait for instance metadata', async () => {
    const { code, errors } = await run({ AWS_EC2_METADATA_DISABLED: 'false' });
    expect(code).toBe(1);
    expect(errors).toContain('No AWS credentials were found [credentials-missing]');
  });
});

/** Whether a process exists and is not a zombie. */
function isRunning(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
