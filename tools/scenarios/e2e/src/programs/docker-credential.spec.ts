import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

const PROGRAM = join(workspaceRoot(), 'libs/ecr-token/dist/esm/cli/docker-credential.js');
const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const NOT_FOUND = 'credentials not found in native keychain\n';

/** The credential helper as Docker runs it: an action, one line on standard input, the answer on standard output. */
describe('docker-credential-ecr-token', () => {
  let aws: AwsEmulator;
  let home: string;

  beforeAll(async () => {
    aws = await startAwsEmulator({ region: 'eu-west-1' });
    home = await mkdtemp(join(tmpdir(), 'docker-credential-'));
  });

  afterAll(async () => {
    await aws.stop();
    await rm(home, { recursive: true });
  });

  beforeEach(() => {
    aws.fault();
    aws.resetCalls();
  });

  async function ask(action: string, input: string, more: Record<string, string> = {}) {
    const env = {
      HOME: home,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
      AWS_MAX_ATTEMPTS: '1',
      ...more,
    };
    const child = spawn(process.execPath, [PROGRAM, action], { env });
    child.stdin.end(input);
    const [[code], out, err] = await Promise.all([
      once(child, 'exit') as Promise<[number]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, out, err };
  }
  const opensTheRegistry = async (secret: string) => {
    const authorization = `Basic ${Buffer.from(`AWS:${secret}`).toString('base64')}`;
    return (await fetch(`${aws.registryUrl}/v2/`, { headers: { authorization } })).status === 200;
  };

  it('prints credentials that open the registry, and nothing else', async () => {
    const { code, out, err } = await ask('get', HOST);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { Secret, ...rest } = JSON.parse(out) as { Secret: string };
    expect(rest).toEqual({ ServerURL: HOST, Username: 'AWS' });
    expect(await opensTheRegistry(Secret)).toBe(true);
  });

  it("if AWS refuses, prints 'not found' for Docker and the reason on standard error", async () => {
    aws.fault({ kind: 'access-denied' });
    const { code, out, err } = await ask('get', HOST);
    expect({ code, out }).toEqual({ code: 1, out: NOT_FOUND });
    expect(err).toMatch(/^docker-credential-ecr-token: .* \[ecr-denied\]\nTo mend it: .*\n$/);
  });

  it('prints no error for other registries, even if AWS refuses or the settings are wrong', async () => {
    aws.fault({ kind: 'access-denied' });
    const wrong = { AWS_ROLE_ARN: 'no role', AWS_REGION: 'no region', AWS_CA_BUNDLE: '/nowhere' };
    for (const host of ['https://index.docker.io/v1/', 'ghcr.io', 'public.ecr.aws'])
      expect(await ask('get', host, wrong)).toEqual({ code: 1, out: NOT_FOUND, err: '' });
    expect(aws.calls()).toEqual({});
  });

  it('lists the registry of the account, and gives its credentials', async () => {
    const { code, out, err } = await ask('list', 'unused');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual({ [`https://${HOST}`]: 'AWS' });
    expect((await ask('get', `https://${HOST}`)).code).toBe(0);
  });

  it('refuses a login, because it stores nothing', async () => {
    const login = JSON.stringify({ ServerURL: HOST, Username: 'AWS', Secret: 'planted' });
    const { code, out } = await ask('store', login);
    expect(code).toBe(1);
    expect(out).toContain('does not store passwords');
    expect(await ask('store', login, { AWS_ECR_IGNORE_CREDS_STORAGE: 'true' })).toMatchObject({
      code: 0,
      out: '',
    });
  });
});
