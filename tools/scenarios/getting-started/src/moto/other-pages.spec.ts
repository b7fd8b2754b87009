import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PAGES, readPage } from '../page.ts';
import { SESSION } from './names.ts';
import { isUnknownToMoto, startReader, whatIsLeft, type Reader } from './reader.ts';

const [start, webIdentity, otherRegistries] = await Promise.all(PAGES.map(readPage));
if (!start || !webIdentity || !otherRegistries) throw new Error('a page is missing');

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

  it('other registries: the AWS CLI understands the two commands that moto does not know, and sends them', async () => {
    const commands = otherRegistries.blocks.filter(isUnknownToMoto);
    const said = await Promise.all(commands.map(async ({ text }) => (await reader.run(text)).errors));
    expect(said).toEqual([
      expect.stringContaining('(500) when calling the CreatePullThroughCacheRule operation'),
      expect.stringContaining('(500) when calling the DeletePullThroughCacheRule operation'),
    ]);
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
    await reader.letPass(1); // the call with the token has no signature, and moto expects one of every call
    // moto does not check the token either.
    await reader.write('token', ['{"alg":"RS256"}', '{"sub":"x"}', 'x'].map(base64url).join('.'));
    expect(await reader.follow(webIdentity, '5. Install')).toBe(`${SESSION}/check\n`);
  });

  it('web identity: the user can go, and the role stays', async () => {
    await reader.follow(start, 'From AWS: the user and its key');
    const { output } = await reader.run(
      `aws iam list-users --query 'Users[].UserName' --output text
       aws iam list-roles --query 'Roles[].RoleName' --output text`,
    );
    expect(output.trim().split('\n')).toEqual(['administrator', 'ecr-pull']);
  });

  it('other registries: removes the repositories of the cache, the policy of the repository, and the rights', async () => {
    await reader.run('aws ecr create-repository --repository-name k8s/pause'); // as the first pull does
    await reader.follow(otherRegistries, 'Remove what this page made');
    const { output } = await reader.run(
      `aws ecr describe-repositories --query 'repositories[].repositoryName' --output text
       aws iam list-role-policies --role-name ecr-pull --query 'PolicyNames[]' --output text`,
    );
    expect(output.trim().split('\n')).toEqual(['hello', 'pull']);
    const policy = await reader.run('aws ecr get-repository-policy --repository-name hello');
    expect(policy.errors).toContain('RepositoryPolicyNotFoundException');
  });

  it('remove everything: leaves only the administrator, whatever page the reader followed', async () => {
    await reader.follow(otherRegistries, 'Pull-through caches'); // its rights go with the role
    await reader.follow(webIdentity, 'Remove the issuer');
    await reader.follow(start, 'From AWS: the role and the repository');
    expect(await whatIsLeft(reader)).toEqual(['administrator']);
  });
});

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
