import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { isEcrTokenError, type EcrTokenError } from '../errors/error.ts';
import { fromPlan } from './from-plan.ts';
import { describeIdentity, planIdentity, type IdentityPlan } from './plan.ts';

const ROLE = 'arn:aws:iam::111122223333:role/pull';
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'planted-secret' };
const IGNORED_ROLE =
  'AWS_ROLE_ARN is ignored, as ECR_TOKEN_ASSUME_ROLE=sdk-default asks: the AWS SDK takes it only with AWS_WEB_IDENTITY_TOKEN_FILE and without static keys';
const TOKEN = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: '/token' };

describe('the plan in words', () => {
  const rows: [string, Record<string, string>, string][] = [
    ['nothing', {}, 'the default profile, or else instance metadata'],
    ['keys', KEYS, 'the keys in AWS_ACCESS_KEY_ID'],
    ['a profile', { AWS_PROFILE: 'ci' }, 'the profile ci'],
    ['a profile and keys', { ...KEYS, AWS_PROFILE: 'ci' }, 'the profile ci'],
    ['a usual profile', { AWS_DEFAULT_PROFILE: 'usual' }, 'the profile usual'],
    ['a usual profile and another', { AWS_DEFAULT_PROFILE: 'usual', AWS_PROFILE: 'ci' }, 'the profile ci'],
    ['a usual profile and keys', { ...KEYS, AWS_DEFAULT_PROFILE: 'usual' }, 'the keys in AWS_ACCESS_KEY_ID'],
    ['a key without its secret', { AWS_ACCESS_KEY_ID: 'A' }, 'the keys in AWS_ACCESS_KEY_ID'],
    [
      'a container endpoint',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' },
      'the default profile, or else container metadata',
    ],
    ['a role and keys', { ...KEYS, AWS_ROLE_ARN: ROLE }, `the keys in AWS_ACCESS_KEY_ID, assuming ${ROLE}`],
    ['a role and a token', TOKEN, `the web identity token in /token, assuming ${ROLE}`],
    ['a role, a token and keys', { ...TOKEN, ...KEYS }, `the web identity token in /token, assuming ${ROLE}`],
    ['a directory of keys', { ECR_TOKEN_KEYS_DIR: '/keys' }, 'the keys in /keys'],
    [
      'a directory of keys and a role',
      { ECR_TOKEN_KEYS_DIR: '/keys', AWS_ROLE_ARN: ROLE },
      `the keys in /keys, assuming ${ROLE}`,
    ],
    [
      'a directory of keys and a role, left to the SDK',
      { ECR_TOKEN_KEYS_DIR: '/keys', AWS_ROLE_ARN: ROLE, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' },
      'the keys in /keys',
    ],
    [
      'a role and keys, left to the SDK',
      { ...KEYS, AWS_ROLE_ARN: ROLE, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' },
      'the keys in AWS_ACCESS_KEY_ID',
    ],
    [
      'a role and a token, left to the SDK',
      { ...TOKEN, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' },
      'the credentials that the AWS SDK finds, with AWS_WEB_IDENTITY_TOKEN_FILE among its sources',
    ],
    [
      'variables that are set to nothing',
      { AWS_ROLE_ARN: '', AWS_PROFILE: ' ' },
      'the default profile, or else instance metadata',
    ],
  ];
  it.each(rows)('with %s', (_, env, description) => {
    expect(describeIdentity(planIdentity(env))).toBe(description);
  });

  it('never contains a key', () => {
    const plan = planIdentity({ ...KEYS, ...TOKEN, AWS_SESSION_TOKEN: 'planted-secret' });
    expect(JSON.stringify(plan) + describeIdentity(plan)).not.toMatch(/planted-secret|AKIA/);
    expect(inspect(plan, { depth: Infinity, showHidden: true })).not.toMatch(/planted-secret|AKIA/);
  });
});

describe('a plan of an unknown kind', () => {
  // @ts-expect-error it does not compile
  const plan: IdentityPlan = { kind: 'roles-anywhere', roles: [], warnings: [] };

  it('is refused, and does not fall to the default chain', () => {
    expect(() => describeIdentity(plan)).toThrow('The plan of the identity has a kind that is not known');
    expect(() => fromPlan(plan)).toThrow('The plan of the identity has a kind that is not known');
  });
});

describe('the role', () => {
  it('carries its settings', () => {
    const settings = {
      AWS_ROLE_EXTERNAL_ID: 'customer-7',
      AWS_ROLE_SESSION_NAME: 'cluster-1',
      AWS_ROLE_DURATION_SECONDS: '900',
    };
    expect(planIdentity({ ...KEYS, AWS_ROLE_ARN: ROLE, ...settings }).roles).toEqual([
      { roleArn: ROLE, externalId: 'customer-7', sessionName: 'cluster-1', durationSeconds: 900 },
    ]);
  });

  it.each([
    'arn:aws-cn:iam::111122223333:role/pull',
    'arn:aws-us-gov:iam::111122223333:role/pull',
    'arn:aws-eusc:iam::111122223333:role/pull',
    'arn:aws:iam::111122223333:role/a/deep/path!/pull_+=,.@-',
  ])('may be %s', (roleArn) => {
    expect(planIdentity({ AWS_ROLE_ARN: roleArn }).roles[0]?.roleArn).toBe(roleArn);
  });
});

describe('a warning', () => {
  const rows: [string, Record<string, string>, string[]][] = [
    [
      'a token file without a role',
      { AWS_WEB_IDENTITY_TOKEN_FILE: '/t' },
      ['AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN, so it is not used'],
    ],
    [
      'keys and a token',
      { ...TOKEN, ...KEYS },
      ['AWS_ACCESS_KEY_ID is not used for credentials: AWS_WEB_IDENTITY_TOKEN_FILE comes first'],
    ],
    [
      'keys and a profile',
      { ...KEYS, AWS_PROFILE: 'ci' },
      ['AWS_ACCESS_KEY_ID is not used for credentials: AWS_PROFILE comes first'],
    ],
    [
      'two profiles that differ',
      { AWS_PROFILE: 'ci', AWS_DEFAULT_PROFILE: 'usual' },
      ['AWS_DEFAULT_PROFILE is not used for credentials: AWS_PROFILE comes first'],
    ],
    [
      'keys and a usual profile',
      { ...KEYS, AWS_DEFAULT_PROFILE: 'usual' },
      ['AWS_DEFAULT_PROFILE is not used for credentials: AWS_ACCESS_KEY_ID comes first'],
    ],
    [
      'a usual profile and a token',
      { ...TOKEN, AWS_DEFAULT_PROFILE: 'usual' },
      ['AWS_DEFAULT_PROFILE is not used for credentials: AWS_WEB_IDENTITY_TOKEN_FILE comes first'],
    ],
    [
      'an external ID with a token',
      { ...TOKEN, AWS_ROLE_EXTERNAL_ID: 'id' },
      ['AWS_ROLE_EXTERNAL_ID is not used: AssumeRoleWithWebIdentity takes no external ID'],
    ],
    [
      'a role that the SDK ignores because of keys',
      { ...KEYS, AWS_ROLE_ARN: ROLE, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' },
      [IGNORED_ROLE],
    ],
    [
      'a role that the SDK ignores without a token',
      { AWS_ROLE_ARN: ROLE, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' },
      [IGNORED_ROLE],
    ],
    [
      'other settings in addition to a directory of keys',
      { ...TOKEN, ...KEYS, AWS_PROFILE: 'ci', ECR_TOKEN_KEYS_DIR: '/keys' },
      ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID'].map(
        (name) => `${name} is not used for credentials: ECR_TOKEN_KEYS_DIR comes first`,
      ),
    ],
    [
      'a role that the SDK ignores because of a directory of keys',
      { ECR_TOKEN_KEYS_DIR: '/keys', AWS_ROLE_ARN: ROLE, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' },
      [IGNORED_ROLE],
    ],
  ];
  it.each(rows)('for %s', (_, env, warnings) => {
    expect(planIdentity(env).warnings).toEqual(warnings);
  });

  it.each<[string, Record<string, string>]>([
    ['keys', KEYS],
    ['two profiles that agree', { AWS_PROFILE: 'ci', AWS_DEFAULT_PROFILE: 'ci' }],
    ['keys and a role', { ...KEYS, AWS_ROLE_ARN: ROLE }],
    ['a token and a role', TOKEN],
    ['a token and a role, left to the SDK', { ...TOKEN, ECR_TOKEN_ASSUME_ROLE: 'sdk-default' }],
  ])('is not given for %s', (_, env) => {
    expect(planIdentity(env).warnings).toEqual([]);
  });
});

describe('a malformed value', () => {
  it.each([
    ['AWS_ROLE_ARN', 'pull'],
    ['AWS_ROLE_ARN', 'arn:aws:iam::111122223333:user/ci'],
    ['AWS_ROLE_ARN', 'arn:aws:iam::1111:role/pull'],
    ['AWS_ROLE_ARN', 'arn:aws:iam::111122223333:role/'],
    ['AWS_ROLE_SESSION_NAME', 'a b'],
    ['AWS_ROLE_SESSION_NAME', 'a'],
    ['AWS_ROLE_EXTERNAL_ID', 'with space'],
    ['AWS_ROLE_DURATION_SECONDS', '899'],
    ['AWS_ROLE_DURATION_SECONDS', '43201'],
    ['AWS_ROLE_DURATION_SECONDS', '1h'],
    ['AWS_ROLE_DURATION_SECONDS', '1e3'],
    ['AWS_ROLE_DURATION_SECONDS', '3600.5'],
    ['AWS_STS_REGION', 'https://sts.example.com'],
    ['ECR_TOKEN_ASSUME_ROLE', 'never'],
  ])('of %s (%s) is refused with the name of the variable', (name, value) => {
    let error: unknown;
    try {
      planIdentity({ AWS_ROLE_ARN: ROLE, [name]: value });
    } catch (thrown) {
      error = thrown;
    }
    expect(isEcrTokenError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'invalid-settings', message: expect.stringContaining(name) });
  });

  it('does not hide other mistakes', () => {
    const env = {
      AWS_ROLE_ARN: 'pull',
      AWS_ROLE_SESSION_NAME: 'a',
      AWS_ROLE_EXTERNAL_ID: 'b',
      AWS_ROLE_DURATION_SECONDS: '1h',
      AWS_STS_REGION: '-',
      ECR_TOKEN_ASSUME_ROLE: 'never',
    };
    let error: unknown;
    try {
      planIdentity(env);
    } catch (thrown) {
      error = thrown;
    }
    const named = (error as EcrTokenError).mistakes.map(({ message }) => message.split(' ', 1)[0]);
    expect(named.sort()).toEqual(Object.keys(env).sort());
  });

  it('of the role is ignored if the role is not assumed', () => {
    expect(planIdentity({ AWS_ROLE_ARN: 'pull', ECR_TOKEN_ASSUME_ROLE: 'sdk-default' }).roles).toEqual([]);
  });

  it('never makes anything but a plan or an invalid-settings error', () => {
    const names = [
      'AWS_ROLE_ARN',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'AWS_ROLE_SESSION_NAME',
      'AWS_ROLE_DURATION_SECONDS',
    ];
    const env = fc.record(Object.fromEntries(names.map((name) => [name, fc.string()])), { requiredKeys: [] });
    fc.assert(
      fc.property(env, (values) => {
        try {
          return planIdentity(values).roles.length <= 1;
        } catch (error) {
          return isEcrTokenError(error) && error.code === 'invalid-settings';
        }
      }),
    );
  });
});
