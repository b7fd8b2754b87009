import { certificatesFor, type Certificate } from '@ecr-anywhere/certificates';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isolateAwsEnvironment, type AwsEnvironment } from '../../testing/aws-environment.ts';
import { ACCOUNT, startAwsStandIn, type Answer, type AwsStandIn } from '../../testing/aws-stand-in.ts';
import { failureToFind, find } from '../../testing/chain.ts';
import { startConnectProxy, type ConnectProxy } from '../../testing/connect-proxy.ts';
import { acceptErrorsOfNode } from '../../testing/one-realm.ts';

acceptErrorsOfNode();

const PORTAL = 'portal.sso.eu-central-1.amazonaws.com';
const ASKED = `GET /federation/credentials?account_id=${ACCOUNT}&role_name=pull`;

let certificates: { ca: string; server: Certificate };
let sso: AwsStandIn;
let proxy: ConnectProxy;
let environment: AwsEnvironment;
beforeEach(async () => {
  certificates ??= await certificatesFor(PORTAL, 'oidc.eu-central-1.amazonaws.com');
  sso = await startAwsStandIn(certificates.server);
  proxy = await startConnectProxy({ tunnelTo: sso.port });
  environment = isolateAwsEnvironment();
  environment.set({
    AWS_CONFIG_FILE: environment.write(
      'config',
      `[default]\nsso_session = corp\nsso_account_id = ${ACCOUNT}\nsso_role_name = pull\n[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://example.awsapps.com/start\n`,
    ),
    AWS_CA_BUNDLE: environment.write('ca.pem', certificates.ca),
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
  });
});
afterEach(async () => {
  environment.restore();
  await proxy.stop();
  await sso.stop();
});

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const file = (session = 'corp') => `.aws/sso/cache/${createHash('sha1').update(session).digest('hex')}.json`;
const ROLE_CREDENTIALS = {
  accessKeyId: 'ASIA-SSO',
  secretAccessKey: 'x',
  sessionToken: 'y',
  expiration: Date.now() + 3_600_000,
};

/** Writes the file that `aws sso login` creates. */
function login(fields: object = {}, session?: string): void {
  mkdirSync(join(environment.home, '.aws/sso/cache'), { recursive: true });
  environment.write(
    file(session),
    JSON.stringify({ accessToken: 'planted', expiresAt: inHours(1), ...fields }),
  );
}

const answers = (answer: Answer) =>
  sso.answer(ASKED, { headers: { 'content-type': 'application/json' }, ...answer });

describe('a role of IAM Identity Center', () => {
  it('is given after a login, in the region of the session', async () => {
    login();
    answers({ body: JSON.stringify({ roleCredentials: ROLE_CREDENTIALS }) });
    expect(await find()).toMatchObject({
      credentials: { accessKeyId: 'ASIA-SSO' },
      source: 'the profile default',
    });
    expect(proxy.tunnels).toEqual([`${PORTAL}:443`]);
  });

  it.each([
    ['there is none', () => undefined, 'has no login on this machine: '],
    ['it has expired', () => login({ expiresAt: inHours(-1) }), 'has a login that has expired'],
    [
      'it cannot be renewed',
      () => login({ expiresAt: inHours(-1), refreshToken: 'planted' }),
      'has a login that has expired, or cannot be renewed',
    ],
    [
      'its file is junk',
      () => {
        login();
        environment.write(file(), 'planted');
      },
      'holds no JSON',
    ],
  ])('requests a login if %s', async (_, prepare, words) => {
    prepare();
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'credentials-missing', transient: false });
    expect(error.message).toContain('The profile default has ');
    expect(error.message).toContain(words);
    expect(error.remedy).toContain('aws sso login');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('planted');
  });

  it.each([
    [401, 'credentials-missing', false, 'has a login that has expired'],
    [403, 'credentials-missing', false, `does not give the role pull of ${ACCOUNT}`],
    [404, 'credentials-missing', false, `does not give the role pull of ${ACCOUNT}`],
    [429, 'throttled', true, 'asks to slow down'],
    [
      503,
      'service',
      true,
      'IAM Identity Center in eu-central-1 failed to answer the request for credentials (HTTP 503)',
    ],
  ])('that is answered with %d', async (status, code, transient, words) => {
    login();
    answers({ status, body: '{"message":"planted"}' });
    environment.set({ AWS_MAX_ATTEMPTS: '1' });
    const error = await failureToFind();
    expect(error).toMatchObject({ code, transient, message: expect.stringContaining(words) });
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('planted');
  });

  it('is requested only through the proxy; if the proxy is down, the error names it', async () => {
    login();
    await proxy.stop();
    environment.set({ AWS_MAX_ATTEMPTS: '1' });
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'network', transient: true });
    expect(error.message).toBe(`The proxy 127.0.0.1:${proxy.port} could not be reached (ECONNREFUSED)`);
  });

  it('causes a timeout if the request hangs, and the error names it', async () => {
    login();
    const silent = await startConnectProxy('silent');
    environment.set({ HTTPS_PROXY: `http://127.0.0.1:${silent.port}` });
    const error = await failureToFind(300);
    await silent.stop();
    expect(error).toMatchObject({ code: 'timeout', transient: true });
    expect(error.message).toContain('IAM Identity Center in eu-central-1 did not answer within 0.3 s');
  });

  describe.each([
    ['the profile', 'two words', 'corp'],
    ['the session', 'default', 'my sso'],
    ['both', 'two words', 'my. sso'],
  ])('if the name of %s has a space', (_, name, session) => {
    const temporary = () => join(environment.home, 'tmp');
    beforeEach(() => {
      const title = name === 'default' ? name : `profile "${name}"`;
      const text = `[${title}]\nsso_session = ${session}\nsso_account_id = ${ACCOUNT}\nsso_role_name = pull\n[sso-session "${session}"]\nsso_region = eu-central-1\nsso_start_url = https://example.awsapps.com/start#/\n`;
      const file = environment.write('spaced', text);
      environment.set({ AWS_CONFIG_FILE: file, AWS_PROFILE: name, TMPDIR: temporary() });
      mkdirSync(temporary());
      answers({ body: JSON.stringify({ roleCredentials: ROLE_CREDENTIALS }) });
    });
    afterEach(() => environment.set({ TMPDIR: undefined }));

    it('is given as with any other name, and no copy of the profile remains', async () => {
      login({}, session);
      expect(await find()).toMatchObject({
        credentials: { accessKeyId: 'ASIA-SSO' },
        source: `the profile ${name}`,
      });
      expect(proxy.tunnels).toEqual([`${PORTAL}:443`]);
      expect(readdirSync(temporary())).toEqual([]);
    });

    it('has a renewed login, which is stored under the name of the session', async () => {
      login({ expiresAt: inHours(0.05), clientId: 'x', clientSecret: 'x', refreshToken: 'x' }, session);
      sso.answer('POST /token', {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ accessToken: 'renewed', expiresIn: 28_800, refreshToken: 'y' }),
      });
      await find();
      expect(sso.seen.at(-1)?.headers['x-amz-sso_bearer_token']).toBe('renewed');
      expect(readFileSync(join(environment.home, file(session)), 'utf8')).toContain('renewed');
    });

    it('says if no copy can be written', async () => {
      login({}, session);
      rmdirSync(temporary());
      const error = await failureToFind();
      expect(error.message).toContain(`no copy of it can be written in ${temporary()} (ENOENT)`);
      expect(error.remedy).toContain('give both names without spaces');
    });
  });
});
