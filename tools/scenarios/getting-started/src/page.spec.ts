import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, PAGES, policiesOf, programsOf, readPage, type Policy } from './page.ts';

const ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '444455556666';
const pages = await Promise.all(PAGES.map(readPage));
const policies = pages.flatMap((page) => policiesOf(page).map((policy) => ({ ...policy, page: page.path })));

describe('the pages of getting started', () => {
  it.each(pages)('$path: uses one account, one region and one role', ({ path, text }) => {
    const accounts = path.endsWith('other-registries.md') ? [ACCOUNT, OTHER_ACCOUNT] : [ACCOUNT];
    expect(different(text, /\b\d{12}\b/g)).toEqual(accounts);
    expect(different(text, /\b(?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d\b/g)).toEqual(['us-east-1']);
    for (const role of different(text, /:role\/[\w-]+/g)) expect(role).toBe(':role/ecr-pull');
  });

  it.each(pages)('$path: tells what was tried from what was read', ({ text }) => {
    expect(text).toContain('\n## What was tried, and what was read\n');
  });

  it('have no block with commands of AWS and of another program: the two are tried in different places', () => {
    const mixed = pages.flatMap(({ path, blocks }) =>
      blocks
        .filter((block) => block.language === 'sh' && block.section !== '1. A repository and an image')
        .filter((block) => programsOf(block).includes('aws') && programsOf(block).length > 1)
        .map(({ line }) => `${path}:${line}`),
    );
    expect(mixed).toEqual([]);
  });
});

describe('the policies of the pages', () => {
  it.each(policies)('$page, $name: is a whole document, as IAM takes it', ({ text }) => {
    expect(JSON.parse(text)).toEqual({ Version: '2012-10-17', Statement: expect.any(Array) });
  });

  it('allow the webhook to get passwords on "*" and to pull, and nothing else', () => {
    expect(statements('pull.json')).toEqual([
      { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      { Effect: 'Allow', Action: PULL, Resource: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/*` },
    ]);
  });

  it('allow the user to assume the role, and nothing else', () => {
    expect(statements('assume.json')).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${ACCOUNT}:role/ecr-pull` },
    ]);
  });

  it('allow pulls from the other account in both accounts', () => {
    for (const name of ['repository.json', 'pull-other-account.json']) {
      expect(statements(name).map(({ Action }) => Action)).toEqual([PULL]);
    }
  });

  it('trust the service account that the chart makes, and the audience of its tokens', async () => {
    const values = await readFile(join(workspaceRoot(), 'charts/ecr-anywhere/values.yaml'), 'utf8');
    const name = /^name: (.*)$/m.exec(values)?.[1];
    const audience = /^ {4}audience: (.*)$/m.exec(values)?.[1];
    const issuer = `${ACCOUNT}-oidc.s3.us-east-1.amazonaws.com`;
    expect(statements('web-identity-trust.json')).toEqual([
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: audience,
            [`${issuer}:sub`]: `system:serviceaccount:ecr-anywhere:${name}`,
          },
        },
      },
    ]);
  });
});

describe('the reader of pages', () => {
  const block = (text: string) => blocksOf(`## A heading\n\n\`\`\`sh\n${text}\`\`\`\n`)[0];

  it('takes the indentation of a list off a block', () => {
    expect(blocksOf('# A\n\n1. first\n\n   ```sh\n   a\n     b\n   ```\n')).toEqual([
      { section: 'A', line: 6, language: 'sh', text: 'a\n  b\n' },
    ]);
  });

  it('sees the programs of pipes, loops and substitutions, and none in the content of files', () => {
    const text =
      "cat > f <<'EOF'\nhelm install\nEOF\nfor k in $(aws iam list); do docker pull; done | kubectl apply\n";
    expect(programsOf(block(text) ?? never())).toEqual(['aws', 'docker', 'kubectl']);
  });

  it('refuses a policy that no command uses', () => {
    const blocks = [block(`cat > p.json <<'EOF'\n{ "Statement": [] }\nEOF\n`) ?? never()];
    expect(() => policiesOf({ path: 'page.md', text: '', blocks })).toThrow(
      'page.md:4: no command that is known uses p.json',
    );
  });
});

const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

interface Statement {
  readonly Action: unknown;
}

function statements(name: string): readonly Statement[] {
  const { text }: Policy = policies.find((policy) => policy.name === name) ?? never();
  return (JSON.parse(text) as { Statement: Statement[] }).Statement;
}

function different(text: string, pattern: RegExp): string[] {
  return [...new Set(text.match(pattern))].sort();
}

function never(): never {
  throw new Error('not found');
}
