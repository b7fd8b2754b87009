import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PAGES, programsOf, readPage } from '../page.ts';
import { isUnknownToMoto, runsHere, startReader, type Reader } from './reader.ts';

const [start, webIdentity, otherRegistries] = await Promise.all(PAGES.map(readPage));
if (!start || !webIdentity || !otherRegistries) throw new Error('a page is missing');

const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ecr-pull`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/ecr-pull`;

/** What a stranger does who has the key of the user, and nothing else. */
const withKey = (command: string) =>
  `(unset AWS_PROFILE AWS_SESSION_TOKEN; export AWS_CONFIG_FILE=role.config; set -a; . ./aws-keys.env; ${command})`;

describe('the commands of getting started, word for word, with moto for AWS', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await startReader();
  });
  afterAll(() => reader?.leave());

  it('before you begin: AWS says who you are', async () => {
    expect(JSON.parse(await reader.follow(start, 'Before you begin'))).toMatchObject({
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:user/administrator`,
    });
  });

  it('step 1: makes a repository, with the name that the images of the page have', async () => {
    const answer = await reader.follow(start, '1. A repository and an image');
    expect(answer).toContain(`"repositoryUri": "${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/hello"`);
  });

  it('step 1: gets the password that it gives to Docker', async () => {
    const login = start.blocks.find(({ text }) => text.startsWith('aws ecr get-login-password |'));
    const { output } = await reader.run(login?.text.split('|')[0] ?? '');
    expect(output).toMatch(/\S+/);
  });

  it('step 2: makes the role', async () => {
    expect(await reader.follow(start, '2. A role that may pull')).toMatch(new RegExp(`^${ROLE}$`, 'm'));
  });

  it('step 3: makes a key, and prints who has it: first the user, then the role', async () => {
    const lines = (await reader.follow(start, '3. A key that can assume this role, and nothing else')).trim();
    expect(lines.split('\n')).toEqual([
      `arn:aws:iam::${ACCOUNT}:user/ecr-anywhere`,
      expect.stringMatching(`^${SESSION}/`),
      'The role gets ECR passwords.',
    ]);
  });

  it('step 3: lets nobody but the owner read the file with the key', async () => {
    expect((await reader.run('stat -c %a aws-keys.env')).output).toBe('600\n');
  });

  it('the key alone gets no password', async () => {
    const { code, errors } = await reader.run(withKey('aws ecr get-login-password'));
    expect(code).not.toBe(0);
    expect(errors).toContain('AccessDenied');
  });

  it('the role can make no repository', async () => {
    const create = 'aws ecr create-repository --repository-name other --profile ecr-pull';
    const { code, errors } = await reader.run(withKey(create));
    expect(code).not.toBe(0);
    expect(errors).toContain('AccessDenied');
  });

  it('remove everything: leaves only the administrator', async () => {
    await reader.follow(start, 'Replace the key');
    await reader.follow(start, 'Remove everything');
    const left = await reader.run(
      `aws iam list-users --query 'Users[].UserName' --output text
       aws iam list-roles --query 'Roles[].RoleName' --output text
       aws ecr describe-repositories --query 'repositories[].repositoryName' --output text`,
    );
    expect(left.output.trim()).toBe('administrator');
  });
});

describe('the commands of the other pages, after the first steps of getting started', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await startReader();
    await reader.follow(start, 'Before you begin');
    await reader.follow(start, '1. A repository and an image');
    await reader.follow(start, '2. A role that may pull');
    await reader.follow(start, '3. A key that can assume this role, and nothing else');
  });
  afterAll(() => reader?.leave());

  it('other registries: give the role the rights of the page, beside those that it has', async () => {
    await reader.follow(otherRegistries, 'Repositories of another account');
    await reader.follow(otherRegistries, 'Pull-through caches');
    const { output } = await reader.run('aws iam list-role-policies --role-name ecr-pull --output text');
    expect(output.match(/\S+$/gm)?.sort()).toEqual(['cache', 'pull', 'pull-other-account']);
  });

  it('other registries: the AWS CLI understands the one command that moto does not know, and sends it', async () => {
    const [command, ...more] = otherRegistries.blocks.filter(isUnknownToMoto);
    expect(more).toEqual([]);
    const { errors } = await reader.run(command?.text ?? '');
    expect(errors).toContain('(500) when calling the CreatePullThroughCacheRule operation');
  });

  it('web identity: publishes the two files where the issuer says that they are', async () => {
    await reader.follow(webIdentity, 'The bucket');
    await reader.write('jwks.json', '{"keys": []}');
    await reader.follow(webIdentity, 'The two files');
    const get = async (key: string) => {
      const { output } = await reader.run(
        `aws s3api get-object --bucket 111122223333-oidc --key ${key} got > /dev/null && cat got`,
      );
      return JSON.parse(output) as Record<string, string>;
    };
    const { issuer, jwks_uri } = await get('.well-known/openid-configuration');
    expect(jwks_uri).toBe(`${issuer}/openid/v1/jwks`);
    expect(await get('openid/v1/jwks')).toEqual({ keys: [] });
  });

  it('web identity: the trust policy names the identity provider that IAM made', async () => {
    const made = JSON.parse(await reader.follow(webIdentity, '3. Make the issuer known to IAM')) as object;
    await reader.follow(webIdentity, '4. Let the role trust the webhook');
    const { output } = await reader.run(
      `aws iam get-role --role-name ecr-pull --query 'Role.AssumeRolePolicyDocument.Statement[].Principal.Federated' --output text`,
    );
    expect(made).toEqual({ OpenIDConnectProviderArn: output.trim() });
  });

  it('web identity: prints the session of the role', async () => {
    await reader.letPass(1); // this call has no signature, and moto expects one of every call
    // moto does not check the token either.
    await reader.write('token', ['{"alg":"RS256"}', '{"sub":"x"}', 'x'].map(base64url).join('.'));
    expect(await reader.follow(webIdentity, '5. Install')).toBe(`${SESSION}/check\n`);
  });

  it('web identity: removes the key and its user, and leaves the role', async () => {
    await reader.follow(webIdentity, 'Remove the key and its user');
    const left = await reader.run(
      `aws iam list-users --query 'Users[].UserName' --output text
       aws iam list-roles --query 'Roles[].RoleName' --output text`,
    );
    expect(left.output.trim().split('\n')).toEqual(['administrator', 'ecr-pull']);
  });
});

it('all commands of AWS on the pages are run here, but for one that moto does not know and one that goes into a pipe', async () => {
  const pages = await Promise.all(PAGES.map(readPage));
  const left = pages
    .flatMap(({ blocks }) => blocks)
    .filter((block) => programsOf(block).includes('aws') && !runsHere(block))
    .map(({ text }) => text.split('\n')[0]);
  expect(left).toEqual([
    'aws ecr get-login-password |',
    expect.stringMatching('^aws ecr create-pull-through-cache-rule '),
  ]);
});

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
