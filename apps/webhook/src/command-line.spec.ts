import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { answer, USAGE } from './command-line.ts';
import { schema } from './config.ts';

describe('the command line of the webhook', () => {
  let printed: string[];
  let complaints: string[];

  beforeEach(() => {
    printed = [];
    complaints = [];
    jest.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
    jest.spyOn(console, 'error').mockImplementation((line) => void complaints.push(String(line)));
  });

  afterEach(() => void jest.restoreAllMocks());

  it.each(['--help', '-h'])('prints its help for %s', (flag) => {
    expect(answer([flag])).toBe(0);
    expect(printed).toEqual([USAGE]);
  });

  it('prints its version', () => {
    expect(answer(['--version'])).toBe(0);
    expect(printed).toEqual([expect.stringMatching(/^webhook \d+\.\d+\.\d+/)]);
  });

  it('serves if there are no arguments', () => {
    expect(answer([])).toBeUndefined();
  });

  it.each([
    [['serve'], "Unexpected argument 'serve'"],
    [['--port', '8443'], "Unknown option '--port'"],
  ])('refuses %j with exit code 2, since it reads no other arguments', (args, words) => {
    expect(answer(args)).toBe(2);
    expect(complaints).toEqual([`${words}; the settings are variables, which --help lists`]);
  });

  it('explains every setting', () => {
    for (const name of Object.keys(schema.shape)) expect(USAGE).toContain(name);
  });

  it('has a README with every setting in its table', async () => {
    const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
    const firstColumn = [...readme.matchAll(/^\|([^|]*)\|/gm)].map(([, cell = '']) => cell).join();
    for (const name of Object.keys(schema.shape)) expect(firstColumn).toContain(`\`${name}\``);
  });
});
