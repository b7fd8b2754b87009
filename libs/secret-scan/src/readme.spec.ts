import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { readmeExample } from '../../../tools/readme-example.mjs';

it('the example of the README prints what it says', async () => {
  const { file, prints } = await readmeExample(join(import.meta.dirname, '..'));
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await import(file);
  expect(log.mock.calls.map(([value]) => String(value))).toEqual(prints);
});
