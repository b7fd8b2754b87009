import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { clientOptionsFromEnv } from '../connection/client-options.ts';
import { isEcrTokenError, type EcrTokenError } from '../errors/error.ts';
import type { AwsCall } from '../services/observed-call.ts';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import {
  ACCOUNT,
  callerIs,
  metadataCredentials,
  startAwsStandIn,
  stsError,
  type AwsStandIn,
} from '../testing/aws-stand-in.ts';
import { startConnectProxy } from '../testing/connect-proxy.ts';
import { fromPlan } from './from-plan.ts';
import { planIdentity, type IdentityPlan } from './plan.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci/pull`;
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIA-KEYS', AWS_SECRET_ACCESS_KEY: 'planted-secret' };

let aws: AwsStandIn;
let environment: AwsEnvironment;

beforeEach(async () => {
  aws = await startAwsStandIn();
  environment = isolateAwsEnvironment();
});
afterEach(async () => {
  environment.restore();
  await aws.stop();
});

/** A provider for the environment, as a program would create it. */
function provider(values: Record<string, string> = {}, onCall?: (call: AwsCall) => void) {
  environment.set(values);
  return fromPlan(planIdentity(process.env), {
    sts: { ...clientOptionsFromEnv(process.env), region: 'eu-west-1', endpoint: aws.url, maxAttempts: 1 },
    onCall,
  });
}

async function failure(promise: Promise<unknown>): Promise<EcrTokenError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (isEcrTokenError(error)) return error;
  throw error;
}

describe('the source of the credentials', () => {
  it('takes static keys from the environment without a call to AWS', async () => {
    expect(await provider(KEYS)()).toMatchObject({ accessKeyId: 'AKIA-KEYS' });
    expect(aws.seen).toEqual([]);
  });

  it('takes them from the environment of the plan, not from that of the process', async () => {
    const own = (name: string) => `[${name}]\naws_access_key_id = AKIA-${name}\naws_secret_access_key = x\n`;
    const env = {
      AWS_SHARED_CREDENTIALS_FILE: environment.write('own', own('a') + own('b')),
      AWS_REGION: 'eu-west-1',
    };
    environment.set(KEYS);
    const credentials = ['a', 'b'].map((name) => fromPlan(planIdentity({ ...env, AWS_PROFILE: name }))());
    expect((await Promise.all(credentials)).map(({ accessKeyId }) => accessKeyId)).toEqual([
      'AKIA-a',
      'AKIA-b',
    ]);
  });

  it('refuses a plan for a web identity token without a role', async () => {
    const plan: IdentityPlan = { kind: 'web-identity', tokenFile: '/token', roles: [], warnings: [] };
    environment.set(KEYS);
    expect(await failure(fromPlan(plan)())).toMatchObject({ code: 'invalid-settings' });
  });

  it('takes a profile by its name', async () => {
    const file = environment.write(
      'credentials',
      '[ci]\naws_access_key_id = AKIA-PROFILE\naws_secret_access_key = x\n',
    );
    const credentials = await provider({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'ci' })();
    expect(credentials.accessKeyId).toBe('AKIA-PROFILE');
  });

  it('reads the keys in a directory each time, and assumes the role with them', async () => {
    environment.write('AWS_ACCESS_KEY_ID', 'AKIA-OLD');
    environment.write('AWS_SECRET_ACCESS_KEY', 'planted-secret');
    const credentials = provider({ ECR_TOKEN_KEYS_DIR: environment.home, AWS_ROLE_ARN: ROLE });
    expect(await credentials()).toMatchObject({ accessKeyId: 'ASIA-pull' });
    environment.write('AWS_ACCESS_KEY_ID', 'AKIA-NEW');
    await credentials();
    const signers = aws.seen.map(
      ({ headers }) => /Credential=([^/]*)/.exec(headers.authorization ?? '')?.[1],
    );
    expect(signers).toEqual(['AKIA-OLD', 'AKIA-NEW']);
  });

  it('runs a credential_process', async () => {
    const output = environment.write('output.json', metadataCredentials('ASIA-PROCESS'));
    const file = environment.write('config', `[default]\ncredential_process = cat ${output}\n`);
    expect(await provider({ AWS_CONFIG_FILE: file })()).toMatchObject({
      accessKeyId: 'ASIA-PROCESS',
      sessionToken: 'token-of-ASIA-PROCESS',
    });
  });

  it('asks the container metadata endpoint with its token', async () => {
    aws.answer('GET /role', { body: metadataCredentials('ASIA-CONTAINER') });
    const credentials = await provider({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/role`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: environment.write('token', 'Bearer pod'),
    })();
    expect(credentials.accessKeyId).toBe('ASIA-CONTAINER');
    expect(aws.seen[0]?.headers.authorization).toBe('Bearer pod');
  });

  it('asks the instance metadata service without a proxy', async () => {
    aws.answer('PUT /latest/api/token', { body: 'imds-session' });
    aws.answer('GET /latest/meta-data/iam/security-credentials/', { body: 'node' });
    aws.answer('GET /latest/meta-data/iam/security-credentials/node', {
      body: metadataCredentials('ASIA-INSTANCE'),
    });
    const credentials = await provider({
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url,
      HTTPS_PROXY: 'http://127.0.0.1:1',
    })();
    expect(credentials.accessKeyId).toBe('ASIA-INSTANCE');
  });

  it('assumes the role that a profile names, with our session name', async () => {
    const file = environment.write(
      'config',
      `[default]\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\naws_access_key_id = AKIA-BASE\naws_secret_access_key = x\n`,
    );
    expect(await provider({ AWS_CONFIG_FILE: file })()).toMatchObject({ accessKeyId: 'ASIA-pull' });
    expect(aws.seen[0]?.parameters.get('RoleSessionName')).toBe('ecr-anywhere');
    expect(aws.seen[0]?.headers.authorization).toContain('Credential=AKIA-BASE/');
  });

  it('if there are no credentials, says so and what to set', async () => {
    const error = await failure(provider()());
    expect(error).toMatchObject({ code: 'credentials-missing', message: 'No AWS credentials were found' });
    expect(error.remedy).toContain('AWS_ACCESS_KEY_ID');
  });

  it.each(['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])(
    'refuses a pipe in %s before the AWS SDK reads it',
    async (variable) => {
      const file = environment.write('token', 'jwt');
      const pipe = { [variable]: environment.pipe('pipe') };
      const error = await failure(
        provider({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file, ...pipe })(),
      );
      expect(error).toMatchObject({ code: 'invalid-settings', message: expect.stringContaining(variable) });
    },
  );

  it('says that a credential_process failed, without its command line and its output', async () => {
    const config = '[default]\ncredential_process = sh -c "echo planted-secret >&2; exit 1"\n';
    const error = await failure(provider({ AWS_CONFIG_FILE: environment.write('config', config) })());
    expect(error.message).toContain('credential_process');
    expect(everything(error)).not.toContain('planted-secret');
  });

  it('says that the SSO session has expired', async () => {
    const config =
      '[default]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = pull\n[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://example.awsapps.com/start\n';
    const error = await failure(provider({ AWS_CONFIG_FILE: environment.write('config', config) })());
    expect(error).toMatchObject({ code: 'credentials-missing' });
    expect(error.remedy).toContain('aws sso login');
  });

  it('asks SSO through the proxy, in the region of the profile and not of the registry', async () => {
    const proxy = await startConnectProxy({ refuseWith: 403 });
    const start = 'https://example.awsapps.com/start';
    const config = `[default]\nsso_start_url = ${start}\nsso_region = eu-central-1\nsso_account_id = ${ACCOUNT}\nsso_role_name = pull\n`;
    mkdirSync(join(environment.home, '.aws/sso/cache'), { recursive: true });
    const login = {
      accessToken: 'planted-secret',
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const name = createHash('sha1').update(start).digest('hex');
    environment.write(`.aws/sso/cache/${name}.json`, JSON.stringify(login));
    const error = await failure(
      provider({
        AWS_CONFIG_FILE: environment.write('config', config),
        HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      })(),
    );
    await proxy.stop();
    expect(proxy.tunnels).toEqual(['portal.sso.eu-central-1.amazonaws.com:443']);
    expect(error).toMatchObject({ code: 'network' });
    expect(everything(error)).not.toContain('planted-secret');
  });

  it('says that a role of a profile is denied', async () => {
    aws.answer('AssumeRole', stsError('AccessDenied', 'no', 403));
    const file = environment.write(
      'config',
      `[default]\nrole_arn = ${ROLE}\ncredential_source = Environment\n`,
    );
    const error = await failure(provider({ ...KEYS, AWS_CONFIG_FILE: file, AWS_PROFILE: 'default' })());
    expect(error).toMatchObject({ code: 'role-denied' });
    expect(error.message).toContain(ROLE);
  });

  it('does not show malformed credentials of a metadata service', async () => {
    aws.answer('PUT /latest/api/token', { body: 'imds-session' });
    aws.answer('GET /latest/meta-data/iam/security-credentials/', { body: 'node' });
    aws.answer('GET /latest/meta-data/iam/security-credentials/node', { body: 'planted-secret{' });
    const error = await failure(
      provider({ AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url })(),
    );
    expect(error.code).toBe('bad-response');
    expect(everything(error)).not.toContain('planted');
  });
});

describe('a credential that rotates', () => {
  it('is read again if keys in a mounted file were changed', async () => {
    const lines = (key: string) => `[default]\naws_access_key_id = ${key}\naws_secret_access_key = x\n`;
    const file = environment.write('credentials', lines('AKIA-OLD'));
    const credentials = provider({ AWS_SHARED_CREDENTIALS_FILE: file });
    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIA-OLD' });
    environment.write('credentials', lines('AKIA-NEW'));
    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIA-NEW' });
  });

  it('is also read again by a client of the SDK, because even static keys get an expiration', async () => {
    let now = Date.now() - 3_600_000;
    environment.set(KEYS);
    const credentials = fromPlan(planIdentity(process.env), { clock: () => now });
    const client = new ECRClient({ region: 'eu-west-1', endpoint: aws.url, credentials });
    const ask = async () => {
      await client.send(new GetAuthorizationTokenCommand({}));
      return aws.seen.at(-1)?.headers.authorization;
    };
    expect(await ask()).toContain('AKIA-KEYS');
    environment.set({ AWS_ACCESS_KEY_ID: 'AKIA-NEXT' });
    expect(await ask()).toContain('AKIA-NEXT'); // an hour later by the provider's clock

    now = Date.now();
    expect(await ask()).toContain('AKIA-NEXT');
    environment.set({ AWS_ACCESS_KEY_ID: 'AKIA-TOO-SOON' });
    expect(await ask()).toContain('AKIA-NEXT');
    client.destroy();
  });

  it('is read each time if it is a web identity token', async () => {
    const file = environment.write('token', 'first\n');
    const credentials = provider({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file });
    await credentials();
    environment.write('token', 'second');
    await credentials();
    expect(aws.seen.map(({ parameters }) => parameters.get('WebIdentityToken'))).toEqual(['first', 'second']);
  });
});

describe('AWS_ROLE_ARN', () => {
  it('is assumed with static keys, which the SDK would use without the role', async () => {
    const credentials = await provider({ ...KEYS, AWS_ROLE_ARN: ROLE, AWS_ROLE_EXTERNAL_ID: 'customer-7' })();
    expect(credentials).toMatchObject({ accessKeyId: 'ASIA-pull', sessionToken: 'session' });
    expect(aws.operations()).toEqual(['AssumeRole']);
    const { parameters, headers } = aws.seen[0] ?? {};
    expect(Object.fromEntries(parameters ?? [])).toMatchObject({
      RoleArn: ROLE,
      RoleSessionName: 'ecr-anywhere',
      ExternalId: 'customer-7',
    });
    expect(headers?.authorization).toContain('Credential=AKIA-KEYS/');
    expect(headers?.authorization).toContain('/eu-west-1/sts/');
  });

  it('is assumed with the web identity token even if there are static keys, in an unsigned call', async () => {
    const credentials = await provider({
      ...KEYS,
      AWS_ROLE_ARN: ROLE,
      AWS_WEB_IDENTITY_TOKEN_FILE: environment.write('token', 'jwt'),
      AWS_ROLE_SESSION_NAME: 'cluster-1',
      AWS_ROLE_DURATION_SECONDS: '7200',
    })();
    expect(credentials).toMatchObject({ accessKeyId: 'ASIA-pull' });
    expect(aws.operations()).toEqual(['AssumeRoleWithWebIdentity']);
    const { parameters, headers } = aws.seen[0] ?? {};
    expect(Object.fromEntries(parameters ?? [])).toMatchObject({
      RoleArn: ROLE,
      RoleSessionName: 'cluster-1',
      DurationSeconds: '7200',
      WebIdentityToken: 'jwt',
    });
    expect(headers?.authorization).toBeUndefined();
  });

  it('is assumed in the region that AWS_STS_REGION names', async () => {
    await provider({ ...KEYS, AWS_ROLE_ARN: ROLE, AWS_STS_REGION: 'us-gov-west-1' })();
    expect(aws.seen[0]?.headers.authorization).toContain('/us-gov-west-1/sts/');
  });

  it('is left to the SDK with ECR_TOKEN_ASSUME_ROLE=sdk-default', async () => {
    const credentials = provider({ ...KEYS, AWS_ROLE_ARN: ROLE, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' });
    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIA-KEYS' });
    expect(aws.seen).toEqual([]);
  });

  it('is not assumed if the caller already is that role, whatever the path in its ARN', async () => {
    aws.answer('GetCallerIdentity', callerIs(`arn:aws:sts::${ACCOUNT}:assumed-role/pull/session`));
    const credentials = await provider({ ...KEYS, AWS_SESSION_TOKEN: 'session', AWS_ROLE_ARN: ROLE })();
    expect(credentials).toMatchObject({ accessKeyId: 'AKIA-KEYS' });
    expect(aws.operations()).toEqual(['GetCallerIdentity']);
  });

  it('is assumed from a session of another role', async () => {
    aws.answer('GetCallerIdentity', callerIs(`arn:aws:sts::${ACCOUNT}:assumed-role/node/session`));
    const credentials = await provider({ ...KEYS, AWS_SESSION_TOKEN: 'session', AWS_ROLE_ARN: ROLE })();
    expect(credentials).toMatchObject({ accessKeyId: 'ASIA-pull' });
    expect(aws.operations()).toEqual(['GetCallerIdentity', 'AssumeRole']);
  });

  it('is assumed if a VPC endpoint denies GetCallerIdentity', async () => {
    aws.answer('GetCallerIdentity', stsError('AccessDenied', 'the VPC endpoint policy forbids it', 403));
    const credentials = await provider({ ...KEYS, AWS_SESSION_TOKEN: 'session', AWS_ROLE_ARN: ROLE })();
    expect(credentials).toMatchObject({ accessKeyId: 'ASIA-pull' });
  });

  it('is refused for more than an hour from another role, before AWS is asked; the error names role and variable', async () => {
    aws.answer('GetCallerIdentity', callerIs(`arn:aws:sts::${ACCOUNT}:assumed-role/node/session`));
    const long = { AWS_ROLE_ARN: ROLE, AWS_ROLE_DURATION_SECONDS: '7200' };
    const error = await failure(provider({ ...KEYS, AWS_SESSION_TOKEN: 'session', ...long })());
    expect(error).toMatchObject({ code: 'invalid-settings' });
    expect(error.message).toContain(`The session of ${ROLE} is to last 7200 seconds`);
    expect(error.remedy).toContain('AWS_ROLE_DURATION_SECONDS');
    expect(aws.operations()).toEqual(['GetCallerIdentity']);
  });

  it('is assumed for longer than an hour from a user', async () => {
    await provider({ ...KEYS, AWS_ROLE_ARN: ROLE, AWS_ROLE_DURATION_SECONDS: '7200' })();
    expect(aws.seen[0]?.parameters.get('DurationSeconds')).toBe('7200');
  });

  it('is named in the error if AWS does not allow to assume it, with the caller that AWS names', async () => {
    const caller = `arn:aws:iam::${ACCOUNT}:user/ci`;
    const text = `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`;
    aws.answer('AssumeRole', stsError('AccessDenied', text, 403));
    const error = await failure(provider({ ...KEYS, AWS_ROLE_ARN: ROLE })());
    expect(error).toMatchObject({
      code: 'role-denied',
      message: `The role ${ROLE} may not be assumed by ${caller}`,
      transient: false,
      requestId: 'request-1',
    });
    expect(error.remedy).toContain('trust policy');
  });

  it('is named in the error if STS rejects the token, without the token', async () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.planted-secret.sig';
    aws.answer('AssumeRoleWithWebIdentity', stsError('InvalidIdentityToken', `Not valid: ${token}`));
    const file = environment.write('token', token);
    const error = await failure(provider({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file })());
    expect(error).toMatchObject({ code: 'identity-rejected' });
    expect(error.message).toContain(ROLE);
    expect(everything(error)).not.toContain('planted-secret');
  });

  it.each([
    ['is not there', () => '/no/such/file', 'cannot be read (ENOENT)'],
    ['is empty', () => environment.write('token', '\n'), 'is empty'],
    ['is a folder', () => environment.home, 'is a folder, not a file'],
    ['is a pipe without a writer', () => environment.pipe('token'), 'is not a regular file'],
    ['has 30 MB', () => environment.write('token', 'x'.repeat(30_000_000)), 'is larger than 1 MiB'],
  ])('with a token file that %s names the file', async (_, name, why) => {
    const file = name();
    const error = await failure(provider({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file })());
    expect(error).toMatchObject({ code: 'identity-rejected', transient: false });
    expect(error.message).toBe(`The web identity token file ${file} ${why}`);
    expect(aws.seen).toEqual([]);
  });

  describe('if STS could not fetch the keys of the issuer', () => {
    const words =
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements";
    const refusal = stsError('InvalidIdentityToken', words);
    const attempt = () => {
      const file = environment.write('token', 'planted-jwt');
      environment.set({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file });
      const client = { region: 'eu-west-1', endpoint: aws.url };
      return fromPlan(planIdentity(process.env), { sts: client })();
    };

    it('is requested again', async () => {
      const session = sessionUntil(`<Expiration>${inHours(1)}</Expiration>`);
      const good = { body: assumeRoleAnswer('AssumeRoleWithWebIdentity', session) };
      aws.answer('AssumeRoleWithWebIdentity', refusal, refusal, good);
      expect((await attempt()).accessKeyId).toBe('ASIA-late');
      expect(aws.seen).toHaveLength(3);
    });

    it('is reported with a transient error', async () => {
      aws.answer('AssumeRoleWithWebIdentity', refusal);
      const error = await failure(attempt());
      expect(error).toMatchObject({ code: 'service', transient: true });
      expect(error.message).toContain("could not fetch the keys of the web identity token's issuer");
      expect(error.remedy).toContain('/.well-known/openid-configuration');
      expect(aws.seen).toHaveLength(3);
    });

    it('is not requested again if the token itself is wrong', async () => {
      aws.answer(
        'AssumeRoleWithWebIdentity',
        stsError('InvalidIdentityToken', 'No OpenIDConnect provider found'),
      );
      expect(await failure(attempt())).toMatchObject({ code: 'identity-rejected', transient: false });
      expect(aws.seen).toHaveLength(1);
    });
  });

  it.each([
    ['no credentials', ''],
    ['no Expiration', sessionUntil('')],
    ['an Expiration that is not a time', sessionUntil('<Expiration>tomorrow</Expiration>')],
    ['a session that has ended', sessionUntil(`<Expiration>${inHours(-0.01)}</Expiration>`)],
  ])('answered with %s is a bad response', async (_, session) => {
    aws.answer('AssumeRole', { body: assumeRoleAnswer('AssumeRole', session) });
    const error = await failure(provider({ ...KEYS, AWS_ROLE_ARN: ROLE })());
    expect(error).toMatchObject({ code: 'bad-response', message: expect.stringContaining('AssumeRole') });
  });

  it('is assumed by a machine whose clock is ahead, because AWS’s clock decides when a session expires', async () => {
    const operation = 'AssumeRoleWithWebIdentity';
    const body = assumeRoleAnswer(operation, sessionUntil(`<Expiration>${inHours(-2)}</Expiration>`));
    aws.answer(operation, { body, headers: { date: new Date(inHours(-3)).toUTCString() } });
    const file = environment.write('token', 'jwt');
    const credentials = await provider({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file })();
    expect(credentials.accessKeyId).toBe('ASIA-late');
  });

  it('reports each call to STS with its outcome', async () => {
    const calls: AwsCall[] = [];
    aws.answer('AssumeRole', stsError('Throttling', 'Rate exceeded'));
    await failure(provider({ ...KEYS, AWS_ROLE_ARN: ROLE }, (call) => calls.push(call))());
    expect(calls).toEqual([
      { service: 'sts', operation: 'AssumeRole', outcome: 'throttled', milliseconds: expect.any(Number) },
    ]);
  });
});

function everything(error: Error): string {
  return inspect(error, { depth: Infinity, showHidden: true });
}

function assumeRoleAnswer(operation: string, session: string): string {
  return `<${operation}Response><${operation}Result><Credentials>${session}</Credentials></${operation}Result></${operation}Response>`;
}

function sessionUntil(expiration: string): string {
  return `<AccessKeyId>ASIA-late</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>x</SessionToken>${expiration}`;
}

function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}
