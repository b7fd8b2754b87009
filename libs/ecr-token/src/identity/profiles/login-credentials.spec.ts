import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { isolateAwsEnvironment, type AwsEnvironment } from '../../testing/aws-environment.ts';
import { ACCOUNT } from '../../testing/aws-stand-in.ts';
import { failureToFind, find } from '../../testing/chain.ts';
import { acceptErrorsOfNode } from '../../testing/one-realm.ts';

acceptErrorsOfNode();

const SESSION = `arn:aws:iam::${ACCOUNT}:user/somebody`;

let environment: AwsEnvironment;
beforeEach(() => {
  environment = isolateAwsEnvironment();
  const text = `[default]\nlogin_session = ${SESSION}\n`;
  environment.set({
    AWS_CONFIG_FILE: environment.write('config', text),
    AWS_LOGIN_CACHE_DIRECTORY: environment.home, // the SDK gets HOME from the operating system, which Jest's HOME does not change
    AWS_MAX_ATTEMPTS: '1',
  });
});
afterEach(() => environment.restore());

const file = () => `${createHash('sha256').update(SESSION).digest('hex')}.json`;

/** Writes the file that `aws login` creates, with credentials for this many hours. */
function login(hours: number): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const accessToken = {
    accessKeyId: 'ASIA-LOGIN',
    secretAccessKey: 'planted',
    sessionToken: 'planted',
    accountId: ACCOUNT,
    expiresAt: new Date(Date.now() + hours * 3_600_000).toISOString(),
  };
  const dpopKey = privateKey.export({ format: 'pem', type: 'sec1' });
  const fields = {
    accessToken,
    clientId: 'x',
    refreshToken: 'planted',
    dpopKey,
    signInRegion: 'eu-central-1',
  };
  environment.write(file(), JSON.stringify(fields));
}

describe('a console login (aws login)', () => {
  it('gives its credentials', async () => {
    login(1);
    expect(await find()).toMatchObject({
      credentials: { accessKeyId: 'ASIA-LOGIN' },
      source: 'the profile default',
    });
  });

  it('also gives credentials for a profile with a space in its name', async () => {
    login(1);
    const text = `[profile "two words"]\nlogin_session = ${SESSION}\n`;
    environment.set({ AWS_CONFIG_FILE: environment.write('spaced', text), AWS_PROFILE: 'two words' });
    expect((await find()).credentials.accessKeyId).toBe('ASIA-LOGIN');
  });

  it.each([
    ['is not there', () => undefined, 'has no login on this machine: '],
    [
      'is incomplete',
      () => {
        login(1);
        environment.write(file(), '{"accessToken":"planted"}');
      },
      'has a login that has expired, or cannot be renewed',
    ],
  ])('that %s is requested from the user', async (_, prepare, words) => {
    prepare();
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'credentials-missing', transient: false });
    expect(error.message).toContain(`The profile default ${words}`);
    expect(error.remedy).toContain('"aws login"');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('planted');
  });

  it('that has expired is renewed through the proxy; if the proxy is down, the error names it', async () => {
    login(-1);
    environment.set({ HTTPS_PROXY: 'http://127.0.0.1:1' });
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'network', transient: true });
    expect(error.message).toBe('The proxy 127.0.0.1:1 could not be reached (ECONNREFUSED)');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('planted');
  });
});
