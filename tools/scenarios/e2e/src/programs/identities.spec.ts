import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runEcrToken } from '../ecr-token-program.ts';

const ROLE = 'arn:aws:iam::111122223333:role/team/pull';
const DENIED = 'arn:aws:iam::111122223333:role/denied';
const GUARDED = 'arn:aws:iam::111122223333:role/guarded';

/** The published program `ecr-token` with the AWS emulator. */
describe('an identity', () => {
  let aws: AwsEmulator;
  let folder: string;

  beforeAll(async () => {
    aws = await startAwsEmulator({
      roles: { [DENIED]: { denied: true }, [GUARDED]: { externalId: 'shibboleth' } },
    });
    folder = await mkdtemp(join(tmpdir(), 'identities-'));
  });

  afterAll(async () => {
    await aws.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(() => aws.resetCalls());

  const keys = () => ({
    AWS_ACCESS_KEY_ID: aws.accessKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.accessKeys.secretAccessKey,
  });
  const password = (env: Record<string, string>) =>
    runEcrToken({ HOME: folder, AWS_ENDPOINT_URL: aws.endpoint, ...env });
  const opensTheRegistry = async (secret: string | undefined) => {
    const authorization = `Basic ${Buffer.from(`AWS:${secret}`).toString('base64')}`;
    return (await fetch(`${aws.registryUrl}/v2/`, { headers: { authorization } })).status === 200;
  };
  const caller = () => aws.log().find(({ operation }) => operation === 'GetAuthorizationToken')?.callerArn;

  it('from static keys opens the registry', async () => {
    const result = await password(keys());
    expect(result.code).toBe(0);
    expect(await opensTheRegistry(result.password)).toBe(true);
    expect(caller()).toContain(':user/');
  });

  it('from static keys that end with a line feed, from a Secret, also opens the registry', async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = keys();
    const result = await password({
      AWS_ACCESS_KEY_ID: `${AWS_ACCESS_KEY_ID}\n`,
      AWS_SECRET_ACCESS_KEY: `${AWS_SECRET_ACCESS_KEY}\n`,
    });
    expect(result.code).toBe(0);
    expect(await opensTheRegistry(result.password)).toBe(true);
  });

  it('and its region come from the profile that AWS_DEFAULT_PROFILE names', async () => {
    const config = join(folder, 'config');
    const { accessKeyId, secretAccessKey } = aws.accessKeys;
    const text = `[profile "the usual"]\nregion = eu-west-1\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
    await writeFile(config, text);
    const profile = { AWS_CONFIG_FILE: config, AWS_DEFAULT_PROFILE: 'the usual', AWS_REGION: '' };
    expect((await password(profile)).code).toBe(0);
    expect(caller()).toContain(':user/');
    const { code, errors } = await password({ ...profile, AWS_PROFILE: 'another' });
    expect(code).toBe(1);
    expect(errors).toContain(
      'warning: AWS_DEFAULT_PROFILE is not used for credentials: AWS_PROFILE comes first',
    );
    expect(errors).toContain('The profile another is not in ');
  });

  it('with static keys and AWS_ROLE_ARN is that role; the SDK alone would not assume it', async () => {
    expect((await password({ ...keys(), AWS_ROLE_ARN: ROLE })).code).toBe(0);
    expect(caller()).toBe('arn:aws:sts::111122223333:assumed-role/pull/ecr-anywhere');
  });

  it('is chosen by the SDK, without the role, with ECR_TOKEN_ASSUME_ROLE=sdk-default', async () => {
    await password({ ...keys(), AWS_ROLE_ARN: ROLE, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' });
    expect(aws.calls()).toEqual({ GetAuthorizationToken: 1 });
  });

  it('comes from AssumeRoleWithWebIdentity if there is a token file, with or without keys', async () => {
    const tokenFile = join(folder, 'token');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    await writeFile(tokenFile, `${part({ alg: 'none' })}.${part({ sub: 'x', exp: 4_102_444_800 })}.c2ln`);
    await password({
      ...keys(),
      AWS_ROLE_ARN: ROLE,
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      AWS_ROLE_SESSION_NAME: 'mine',
    });
    expect(aws.calls()).toEqual({ AssumeRoleWithWebIdentity: 1, GetAuthorizationToken: 1 });
    expect(caller()).toBe('arn:aws:sts::111122223333:assumed-role/pull/mine');
  });

  it('of a container, and of an instance, is found', async () => {
    const container = await password({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.container.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: aws.container.token,
    });
    expect(container.code).toBe(0);
    const instance = await password({
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.endpoint,
    });
    expect(instance.code).toBe(0);
    expect(await opensTheRegistry(instance.password)).toBe(true);
  });

  it('that already is the role is not assumed again', async () => {
    await password({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: aws.container.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: aws.container.token,
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/emulated-instance',
    });
    expect(aws.calls()).toEqual({ GetCallerIdentity: 1, GetAuthorizationToken: 1 });
  });

  it('needs the external ID if the role requires one', async () => {
    expect((await password({ ...keys(), AWS_ROLE_ARN: GUARDED })).code).toBe(1);
    expect(
      (await password({ ...keys(), AWS_ROLE_ARN: GUARDED, AWS_ROLE_EXTERNAL_ID: 'shibboleth' })).code,
    ).toBe(0);
  });

  it('that AWS does not allow to assume is named in the error', async () => {
    const { code, errors } = await password({ ...keys(), AWS_ROLE_ARN: DENIED });
    expect(code).toBe(1);
    expect(errors).toContain(DENIED);
    expect(errors).toContain('[role-denied]');
    expect(errors).not.toContain(aws.accessKeys.secretAccessKey);
  });

  it('with a wrong secret and one without a secret have different errors', async () => {
    expect((await password({ ...keys(), AWS_SECRET_ACCESS_KEY: 'wrong' })).errors).toContain(
      '[credentials-invalid]',
    );
    expect((await password({})).errors).toContain('[credentials-missing]');
  });

  it('ends with exit code 75, for a retry, if AWS throttles the calls', async () => {
    aws.fault({ kind: 'throttle' });
    const { code, errors } = await password(keys());
    aws.fault();
    expect(code).toBe(75);
    expect(errors).toContain('[throttled]');
  });

  it('ends with exit code 1, for no retry, if AWS gives an expired token', async () => {
    aws.fault({ kind: 'expired-token' });
    const { code, errors } = await password(keys());
    aws.fault();
    expect(code).toBe(1);
    expect(errors).toMatch(/had already expired at \S+Z; here it is \S+Z by AWS's clock \[bad-response\]/);
  });
});
