import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isolateAwsEnvironment, type AwsEnvironment } from '../../testing/aws-environment.ts';
import {
  ACCOUNT,
  metadataCredentials,
  startAwsStandIn,
  type AwsStandIn,
} from '../../testing/aws-stand-in.ts';
import { failureToFind, find } from '../../testing/chain.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/pull`;

let environment: AwsEnvironment;
beforeEach(() => {
  environment = isolateAwsEnvironment();
});
afterEach(() => environment.restore());

const keys = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = planted\n`;
/** Writes a configuration file. @returns its path */
const config = (text: string) => {
  const file = environment.write('config', text);
  environment.set({ AWS_CONFIG_FILE: file });
  return file;
};
const keyOf = async (profile: string) => {
  environment.set({ AWS_PROFILE: profile });
  return (await find()).credentials.accessKeyId;
};

describe('a profile', () => {
  it.each([
    ['ci', `[profile ci]\n${keys('AKIA-CI')}`],
    ['two words', `[profile "two words"]\n${keys('AKIA-CI')}`],
    ['two words', `[profile\t'two words']\n${keys('AKIA-CI')}`],
    ['team/ci@prod+1.x:y%', `[profile team/ci@prod+1.x:y%]\n${keys('AKIA-CI')}`],
    ['default', `[default]\n${keys('AKIA-CI')}`],
    ['default', `[profile default]\n${keys('AKIA-CI')}`],
    [
      'ci',
      `; comment\n[profile ci] # comment\n AWS_Access_Key_Id=AKIA-CI ; comment\naws_secret_access_key=x\r\n`,
    ],
    ['ci', `[profile ci]\ns3 =\n  aws_access_key_id = nested\n  x = y\n${keys('AKIA-CI')}`],
    [
      'ci',
      `\ufeff[profile ci]\n${keys('AKIA-OLD')}[other]\n${keys('AKIA-X')}[profile ci]\n${keys('AKIA-CI')}`,
    ],
  ])('%s is found in %j', async (profile, text) => {
    config(text);
    expect(await keyOf(profile)).toBe('AKIA-CI');
  });

  it('in the credentials file has no word before its name, and wins over the configuration file', async () => {
    config(`[profile two words]\n${keys('X')}[profile "two words"]\nregion = x\n${keys('AKIA-CONFIG')}`);
    const credentials = environment.write('credentials', `[two words]\n${keys('AKIA-CREDENTIALS')}`);
    environment.set({ AWS_SHARED_CREDENTIALS_FILE: credentials });
    expect(await keyOf('two words')).toBe('AKIA-CREDENTIALS');
  });

  it('may have its key in one file and its secret in the other', async () => {
    config('[default]\naws_access_key_id = AKIA-CONFIG\n');
    const credentials = environment.write('credentials', '[default]\naws_secret_access_key = x\n');
    environment.set({ AWS_SHARED_CREDENTIALS_FILE: credentials });
    expect((await find()).credentials.accessKeyId).toBe('AKIA-CONFIG');
  });

  it('is read from the home folder, also with ~', async () => {
    mkdirSync(join(environment.home, '.aws'));
    environment.write('.aws/credentials', `[default]\n${keys('AKIA-HOME')}`);
    expect((await find()).credentials.accessKeyId).toBe('AKIA-HOME');
    environment.write('other', `[default]\n${keys('AKIA-TILDE')}`);
    environment.set({ AWS_SHARED_CREDENTIALS_FILE: '~/other' });
    expect((await find()).credentials.accessKeyId).toBe('AKIA-TILDE');
  });

  it('with only a region is skipped', async () => {
    const file = config('[default]\nregion = eu-west-1\n');
    expect(await failureToFind()).toMatchObject({
      code: 'credentials-missing',
      message: `No AWS credentials were found: the profile default in ${file} says nothing about credentials`,
    });
  });
});

describe('AWS_DEFAULT_PROFILE', () => {
  beforeEach(() => {
    config(
      `[default]\n${keys('AKIA-DEFAULT')}[profile usual]\n${keys('AKIA-USUAL')}[profile ci]\n${keys('AKIA-CI')}`,
    );
    environment.set({ AWS_DEFAULT_PROFILE: 'usual' });
  });

  it('names the profile, as for the AWS CLI', async () => {
    expect(await find()).toMatchObject({
      credentials: { accessKeyId: 'AKIA-USUAL' },
      source: 'the profile usual',
    });
  });

  it('comes after AWS_PROFILE and after keys in variables', async () => {
    expect(await keyOf('ci')).toBe('AKIA-CI');
    environment.set({ AWS_PROFILE: undefined, AWS_ACCESS_KEY_ID: 'AKIA-ENV', AWS_SECRET_ACCESS_KEY: 'x' });
    expect((await find()).credentials.accessKeyId).toBe('AKIA-ENV');
  });

  it('must name an existing profile', async () => {
    environment.set({ AWS_DEFAULT_PROFILE: 'gone' });
    expect((await failureToFind()).message).toContain('The profile gone is not in ');
  });
});

describe('a role in a profile', () => {
  let aws: AwsStandIn;
  beforeEach(async () => {
    aws = await startAwsStandIn();
  });
  afterEach(() => aws.stop());

  const signers = () =>
    aws.seen.map(({ headers }) => /Credential=([^/]*)/.exec(headers.authorization ?? '')?.[1]);

  it('is assumed from its source_profile, in order and with the settings of each', async () => {
    config(
      `[default]\nrole_arn = ${ROLE}\nsource_profile = middle\nrole_session_name = mine\nexternal_id = id-7\nduration_seconds = 900\n` +
        `[profile middle]\nrole_arn = arn:aws:iam::${ACCOUNT}:role/middle\nsource_profile = base\n[profile base]\n${keys('AKIA-BASE')}`,
    );
    const { credentials, roles } = await find(aws.url);
    expect(credentials.accessKeyId).toBe('ASIA-pull');
    expect(roles.map(({ roleArn }) => roleArn)).toEqual([`arn:aws:iam::${ACCOUNT}:role/middle`, ROLE]);
    expect(signers()).toEqual(['AKIA-BASE', 'ASIA-middle']);
    expect(Object.fromEntries(aws.seen[1]?.parameters ?? [])).toMatchObject({
      RoleSessionName: 'mine',
      ExternalId: 'id-7',
      DurationSeconds: '900',
    });
  });

  it.each([
    [
      'itself, for its own keys',
      `[default]\nrole_arn = ${ROLE}\nsource_profile = default\n${keys('AKIA-BASE')}`,
    ],
    [
      'a profile that names a source',
      `[default]\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\ncredential_source = Environment\n`,
    ],
    ['a source', `[default]\nrole_arn = ${ROLE}\ncredential_source = Environment\n`],
  ])('is assumed from %s', async (_, text) => {
    config(text);
    environment.set({ AWS_PROFILE: 'default', AWS_ACCESS_KEY_ID: 'AKIA-BASE', AWS_SECRET_ACCESS_KEY: 'x' });
    expect((await find(aws.url)).credentials.accessKeyId).toBe('ASIA-pull');
    expect(signers()).toEqual(['AKIA-BASE']);
  });

  it('is assumed from container metadata', async () => {
    aws.answer('GET /role', { body: metadataCredentials('ASIA-CONTAINER') });
    config(`[default]\nrole_arn = ${ROLE}\ncredential_source = EcsContainer\n`);
    environment.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/role` });
    await find(aws.url);
    expect(signers().at(-1)).toBe('ASIA-CONTAINER');
  });

  it('is assumed with its web identity token', async () => {
    const token = environment.write('token', 'jwt\n');
    config(`[default]\nrole_arn = ${ROLE}\nweb_identity_token_file = ${token}\n`);
    const { credentials, roles } = await find(aws.url);
    expect(credentials.accessKeyId).toBe('ASIA-pull');
    expect(roles).toEqual([{ roleArn: ROLE, outcome: 'assumed' }]);
    expect(aws.seen[0]?.parameters.get('WebIdentityToken')).toBe('jwt');
  });

  it('is ignored if the profile has keys and no source, as by the AWS SDK', async () => {
    config(`[default]\nrole_arn = ${ROLE}\n${keys('AKIA-KEYS')}`);
    expect((await find(aws.url)).credentials.accessKeyId).toBe('AKIA-KEYS');
  });
});

describe('an error about a wrong profile names its file and the mistake:', () => {
  const base = `[profile base]\n${keys('AKIA-BASE')}`;
  it.each([
    [
      'a key without its secret',
      'aws_access_key_id = AKIA',
      'has aws_access_key_id, but no aws_secret_access_key',
    ],
    [
      'a secret that is empty',
      keys('AKIA').replace('planted', ''),
      'has aws_access_key_id, but no aws_secret',
    ],
    ['a secret without its key', 'aws_secret_access_key = planted', 'but no aws_access_key_id'],
    [
      'a role without a source',
      `role_arn = ${ROLE}`,
      'has role_arn, but no source_profile, credential_source or web',
    ],
    [
      'a role from two sources',
      `role_arn = ${ROLE}\nsource_profile = base\ncredential_source = Environment`,
      'has both source_profile and credential_source',
    ],
    [
      'a token for no role',
      'web_identity_token_file = /planted',
      'has web_identity_token_file, but no role_arn',
    ],
    [
      'a source_profile that is not there',
      `role_arn = ${ROLE}\nsource_profile = gone`,
      'names gone as its source_profile, which is not in ',
    ],
    [
      'a source_profile that leads back',
      `role_arn = ${ROLE}\nsource_profile = other\n[profile other]\nrole_arn = ${ROLE}\nsource_profile = ci`,
      'leads back to itself by source_profile: ci → other → ci',
    ],
    [
      'a source_profile that is the profile itself',
      `role_arn = ${ROLE}\nsource_profile = ci`,
      'leads back to itself by source_profile: ci → ci',
    ],
    [
      'a source_profile without credentials',
      `role_arn = ${ROLE}\nsource_profile = other\n[profile other]\nregion = x`,
      'is the source_profile of ci, but says nothing about credentials',
    ],
    [
      'an invalid credential_source',
      `role_arn = ${ROLE}\ncredential_source = EC2`,
      'has a credential_source that is none of Environment, EcsContainer, Ec2InstanceMetadata',
    ],
    [
      'a credential_source without credentials',
      `role_arn = ${ROLE}\ncredential_source = Environment`,
      'has the credential_source Environment, which has no credentials here',
    ],
    [
      'a credential_source that is switched off',
      `role_arn = ${ROLE}\ncredential_source = Ec2InstanceMetadata`,
      'no credentials here; AWS_EC2_METADATA_DISABLED is true',
    ],
    [
      'a multi-factor code',
      `role_arn = ${ROLE}\nsource_profile = base\nmfa_serial = arn:aws:iam::${ACCOUNT}:mfa/x`,
      'asks for a multi-factor code (mfa_serial)',
    ],
    [
      'an invalid duration',
      `role_arn = ${ROLE}\nsource_profile = base\nduration_seconds = 1h`,
      'has a duration_seconds that is not a whole number',
    ],
    [
      'an sso_session that is not there',
      `sso_session = corp\nsso_account_id = ${ACCOUNT}\nsso_role_name = pull`,
      'names the sso_session corp, which is not in ',
    ],
    [
      'half of an SSO role',
      `sso_session = corp\nsso_account_id = ${ACCOUNT}\n[sso-session corp]\nsso_region = x\nsso_start_url = x`,
      'has no sso_role_name, which SSO needs',
    ],
  ])('%s', async (_, text, words) => {
    const file = config(`[profile ci]\n${text}\n${base}`);
    environment.set({ AWS_PROFILE: 'ci' });
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'credentials-missing', transient: false });
    expect(error.message).toContain(words);
    expect(error.message).toContain(file);
    expect(error.message).not.toContain('planted');
  });

  it('is reported before a later source is used', async () => {
    config('[default]\naws_access_key_id = AKIA\n');
    environment.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' });
    expect((await failureToFind()).message).toContain('has aws_access_key_id, but no aws_secret_access_key');
  });
});

describe('a file of profiles', () => {
  it.each([
    [
      'is not there',
      () => '/no/such/file',
      'AWS_CONFIG_FILE names /no/such/file, which cannot be read (ENOENT)',
    ],
    ['is a folder', () => environment.home, 'which is a folder, not a file'],
    ['is junk', () => environment.write('junk', '# x\n\u0000\u0001junk\n'), 'line 2 of '],
    [
      'is JSON',
      () => environment.write('junk', '{\n"a": "planted"\n}'),
      'is neither a section nor a setting',
    ],
  ])(
    'that %s is reported if no credentials are found, or the profile is not found',
    async (_, name, words) => {
      const file = name();
      environment.set({ AWS_CONFIG_FILE: file });
      const nothing = await failureToFind();
      expect(nothing.message).toMatch(/^No AWS credentials were found: /);
      environment.set({ AWS_PROFILE: 'ci' });
      const missing = await failureToFind();
      expect(missing.message).toMatch(/^The profile ci is not in /);
      for (const { code, message } of [nothing, missing]) {
        expect(code).toBe('credentials-missing');
        expect(message).toContain(file);
        expect(message).toContain(words);
        expect(message).not.toContain('planted');
      }
    },
  );

  it('may be missing or the null device if credentials are found elsewhere', async () => {
    environment.set({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'x', AWS_CONFIG_FILE: '/no/such' });
    expect((await find()).credentials.accessKeyId).toBe('AKIA');
    environment.set({ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
    expect((await find()).credentials.accessKeyId).toBe('AKIA');
  });

  it('with a malformed line still has its profiles, as for the AWS SDK', async () => {
    config(`junk\n[profile ci]\nmore junk\n${keys('AKIA-CI')}`);
    expect(await keyOf('ci')).toBe('AKIA-CI');
  });

  it.each(['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])(
    'that is a pipe or too large is refused with its name, because the SDK would hang: %s',
    async (variable) => {
      const pipe = environment.pipe('pipe');
      environment.set({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'x', [variable]: pipe });
      expect(await failureToFind()).toMatchObject({
        code: 'invalid-settings',
        message: `${variable} names ${pipe}, which is not a regular file`,
      });
      const large = environment.write('large', '#'.repeat(17 * 1_048_576));
      environment.set({ [variable]: large });
      expect((await failureToFind()).message).toContain('is larger than 16 MiB');
    },
  );
});
