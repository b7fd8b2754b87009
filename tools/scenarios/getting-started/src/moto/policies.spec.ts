import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PAGES, policiesOf, readPage, type Policy } from '../page.ts';
import { pythonFolder } from './moto.ts';

const policies = (await Promise.all(PAGES.map(readPage))).flatMap(policiesOf);

describe("moto's validator of policies", () => {
  it('takes every policy of the pages for what the page uses it for', () => {
    const said = problems(policies);
    expect(policies.map(({ name }, index) => ({ name, problem: said[index] }))).toEqual(
      policies.map(({ name }) => ({ name, problem: null })),
    );
  });

  it('refuses a statement without its document, and a trust policy in the place of a permissions policy', () => {
    const trust = policies.find(({ name }) => name === 'trust.json');
    const { Statement } = JSON.parse(trust?.text ?? '') as { Statement: object[] };
    expect(
      problems([
        { kind: 'trust', text: JSON.stringify(Statement[0]) },
        { kind: 'permissions', text: trust?.text ?? '' },
      ]),
    ).toEqual(['Syntax errors in policy.', expect.any(String)]);
  });
});

/** What moto says about each policy: null if it is valid. */
function problems(given: readonly Pick<Policy, 'kind' | 'text'>[]): (string | null)[] {
  const python = join(pythonFolder(), 'bin/python');
  const script = join(import.meta.dirname, 'validate-policies.py');
  const input = JSON.stringify(given.map(({ kind, text }) => ({ kind, text })));
  const { stdout, stderr } = spawnSync(python, [script], { input, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as (string | null)[];
}
