import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PAGES, programsOf, readPage } from '../page.ts';
import { ACCOUNT, ROLE, SESSION } from './names.ts';
import { runsHere, startReader, whatIsLeft, type Reader } from './reader.ts';

const pages = await Promise.all(PAGES.map(readPage));
const [start] = pages;
if (!start) throw new Error('the page is missing');

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

  it('replace the key: shows the key that the user has', async () => {
    const { AccessKeyMetadata } = JSON.parse(await reader.follow(start, 'Replace the key')) as {
      AccessKeyMetadata: object[];
    };
    expect(AccessKeyMetadata).toEqual([expect.objectContaining({ UserName: 'ecr-anywhere' })]);
  });

  it('remove everything: leaves only the administrator', async () => {
    await reader.follow(start, 'From AWS: the user and its key');
    await reader.follow(start, 'From AWS: the role and the repository');
    expect(await whatIsLeft(reader)).toEqual(['administrator']);
  });
});

it('all commands of AWS on the pages are run here, but for two that moto does not know and one that goes into a pipe', () => {
  const left = pages
    .flatMap(({ blocks }) => blocks)
    .filter((block) => programsOf(block).includes('aws') && !runsHere(block))
    .map(({ text }) => text.split('\n')[0]);
  expect(left).toEqual([
    'aws ecr get-login-password |',
    expect.stringMatching('^aws ecr create-pull-through-cache-rule '),
    expect.stringMatching('^aws ecr delete-pull-through-cache-rule '),
  ]);
});
