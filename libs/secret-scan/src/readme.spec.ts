import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { readmeExamples, undocumentedExports } from '../../../tools/library-readme.mjs';

const project = join(import.meta.dirname, '..');

it('the examples of the README print what they say', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  for (const { file, prints } of await readmeExamples(project)) {
    log.mockClear();
    await import(file);
    expect(log.mock.calls.map(([value]) => String(value))).toEqual(prints);
  }
});

it('the README names all that is exported', async () => {
  expect(await undocumentedExports(project)).toEqual([]);
});
