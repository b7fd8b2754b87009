import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { readmeExamples, runExamples, undocumentedExports } from '../../../tools/build/library-readme.mjs';

const project = join(import.meta.dirname, '..');

it('the examples of the README print what they say', async () => {
  for (const { printed, prints } of await runExamples(await readmeExamples(project)))
    expect(printed).toEqual(prints);
});

it('the README names every export', async () => {
  expect(await undocumentedExports(project)).toEqual([]);
});
