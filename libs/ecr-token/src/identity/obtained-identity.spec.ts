import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import {
  ACCOUNT,
  callerIs,
  metadataCredentials,
  startAwsStandIn,
  stsError,
  type AwsStandIn,
} from '../testing/aws-stand-in.ts';
import { fromPlan } from './from-plan.ts';
import type { ObtainedIdentity } from './obtained-identity.ts';
import { planIdentity } from './plan.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci/pull`;
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIA-KEYS', AWS_SECRET_ACCESS_KEY: 'planted-secret' };
const SESSION = { ...KEYS, AWS_SESSION_TOKEN: 'planted-session' };
const IN_ENVIRONMENT = 'the keys in AWS_ACCESS_KEY_ID';

const sessionOf = (role: string, name = 'session') => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;

describe('the identity that was obtained', () => {
  let aws: AwsStandIn;
  let environment: AwsEnvironment;
  let told: ObtainedIdentity[];

  beforeEach(async () => {
    aws = await startAwsStandIn();
    environment = isolateAwsEnvironment();
    told = [];
  });
  afterEach(async () => {
    environment.restore();
    await aws.stop();
  });

  function provider(values: Record<string, string>) {
    environment.set(values);
    return fromPlan(planIdentity(process.env), {
      sts: { region: 'eu-west-1', endpoint: aws.url, maxAttempts: 1 },
      onIdentity: (identity) => told.push(identity),
    });
  }

  it('is that of the keys without a role', async () => {
    await provider(KEYS)();
    expect(told).toEqual([{ source: IN_ENVIRONMENT, roles: [] }]);
  });

  it('names the role that was assumed', async () => {
    await provider({ ...KEYS, AWS_ROLE_ARN: ROLE })();
    expect(told).toEqual([{ source: IN_ENVIRONMENT, roles: [{ roleArn: ROLE, outcome: 'assumed' }] }]);
  });

  it('names the caller, if AWS was called for it', async () => {
    aws.answer('GetCallerIdentity', callerIs(sessionOf('node')));
    await provider({ ...SESSION, AWS_ROLE_ARN: ROLE })();
    expect(told[0]?.roles).toEqual([{ roleArn: ROLE, outcome: 'assumed', callerArn: sessionOf('node') }]);
  });

  it('says that the role was not assumed because the caller already is that role', async () => {
    aws.answer('GetCallerIdentity', callerIs(sessionOf('pull')));
    await provider({ ...SESSION, AWS_ROLE_ARN: ROLE })();
    expect(told[0]?.roles).toEqual([
      { roleArn: ROLE, outcome: 'already-held', callerArn: sessionOf('pull') },
    ]);
  });

  it('names a web identity and its role', async () => {
    const file = environment.write('token', 'planted-token');
    await provider({ AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file })();
    expect(told).toEqual([
      { source: `the web identity token in ${file}`, roles: [{ roleArn: ROLE, outcome: 'assumed' }] },
    ]);
  });

  it('names a directory of keys', async () => {
    environment.write('AWS_ACCESS_KEY_ID', 'AKIA-MOUNTED');
    environment.write('AWS_SECRET_ACCESS_KEY', 'planted-secret');
    await provider({ ECR_TOKEN_KEYS_DIR: environment.home })();
    expect(told[0]?.source).toBe(`the keys in ${environment.home}`);
  });

  it('names the profile that had credentials, and its role', async () => {
    const config = `[profile ci]\nrole_arn = ${ROLE}\ncredential_source = Environment\n`;
    const file = environment.write('config', config);
    await provider({ ...KEYS, AWS_CONFIG_FILE: file, AWS_PROFILE: 'ci' })();
    expect(told).toEqual([{ source: 'the profile ci', roles: [{ roleArn: ROLE, outcome: 'assumed' }] }]);
  });

  it('says whether the default profile or metadata gave the credentials, which the plan cannot know', async () => {
    const values = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url };
    aws.answer('PUT /latest/api/token', { body: 'imds-session' });
    aws.answer('GET /latest/meta-data/iam/security-credentials/', { body: 'node' });
    aws.answer('GET /latest/meta-data/iam/security-credentials/node', {
      body: metadataCredentials('ASIA-INSTANCE'),
    });
    const credentials = provider(values);
    await credentials();
    const keys = '[default]\naws_access_key_id = AKIA-PROFILE\naws_secret_access_key = x\n';
    environment.set({ AWS_SHARED_CREDENTIALS_FILE: environment.write('credentials', keys) });
    await credentials();
    expect(told.map(({ source }) => source)).toEqual(['instance metadata', 'the profile default']);
  });

  it('names container metadata', async () => {
    aws.answer('GET /role', { body: metadataCredentials('ASIA-CONTAINER') });
    await provider({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/role` })();
    expect(told[0]?.source).toBe('container metadata');
  });

  it('names the token file under sdk-default', async () => {
    const file = environment.write('token', 'planted-token');
    const token = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file };
    await provider({ ...token, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' })();
    expect(told).toEqual([
      {
        source: 'the web identity token in AWS_WEB_IDENTITY_TOKEN_FILE',
        roles: [{ roleArn: ROLE, outcome: 'assumed' }],
      },
    ]);
  });

  it('is reported once at the first success, and again if it changes', async () => {
    aws.answer('AssumeRole', stsError('Throttling', 'Rate exceeded'));
    const credentials = provider({ ...SESSION, AWS_ROLE_ARN: ROLE });
    await credentials().catch(() => undefined);
    expect(told).toEqual([]);
    aws.answer('AssumeRole');
    aws.answer('GetCallerIdentity', callerIs(sessionOf('node', 'monday')));
    await credentials();
    aws.answer('GetCallerIdentity', callerIs(sessionOf('node', 'tuesday')));
    await credentials();
    expect(told).toHaveLength(1);
    aws.answer('GetCallerIdentity', callerIs(sessionOf('pull')));
    await credentials();
    expect(told.map(({ roles }) => roles[0]?.outcome)).toEqual(['assumed', 'already-held']);
  });

  it('never contains a key', async () => {
    await provider({ ...SESSION, AWS_ROLE_ARN: ROLE })();
    expect(JSON.stringify(told)).not.toMatch(/planted|AKIA|ASIA/);
  });
});
