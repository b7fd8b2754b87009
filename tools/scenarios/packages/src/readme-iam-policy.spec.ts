import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const README = join(import.meta.dirname, '../../../../README.md');
const ALONE = 'ecr:GetAuthorizationToken';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

async function statements(): Promise<readonly Statement[]> {
  const blocks = (await readFile(README, 'utf8')).matchAll(/```json\n([\s\S]*?)```/g);
  const policies = [...blocks].map(([, text = '']) => JSON.parse(text) as { Statement?: Statement[] });
  return policies.flatMap(({ Statement = [] }) => Statement);
}

describe('the IAM policy of the README', () => {
  it('allows GetAuthorizationToken on "*", the only resource that AWS accepts for it', async () => {
    const all = await statements();
    expect(all.filter(({ Action }) => [Action].flat().includes(ALONE))).toEqual([
      { Effect: 'Allow', Action: ALONE, Resource: '*' },
    ]);
  });

  it('allows pulling, and nothing else, in repositories of one registry', async () => {
    const rest = (await statements()).filter(({ Action }) => Action !== ALONE);
    expect(rest).toHaveLength(1);
    expect([rest[0]?.Action].flat().sort()).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetDownloadUrlForLayer',
    ]);
    expect(rest[0]?.Resource).toMatch(/^arn:aws:ecr:[a-z0-9-]+:\d{12}:repository\/./);
  });
});
