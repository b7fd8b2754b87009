import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findProgram } from './find-program.ts';

describe('the program of a command', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'path-'));
    for (const name of ['a', 'b', 'c']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, 'a/plugin'));
    for (const name of ['b', 'c']) writeFileSync(join(folder, name, 'plugin'), '');
    chmodSync(join(folder, 'c/plugin'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the first executable file on the PATH', () => {
    const path = ['/nowhere', 'a', 'b', 'c'].map((name) => join(folder, name)).join(':');
    expect(findProgram('plugin', path)).toBe(join(folder, 'c/plugin'));
    expect(findProgram('other', path)).toBeUndefined();
  });

  it('is not searched in relative folders of the PATH, because other users may be able to write there', () => {
    expect(findProgram('plugin', `:.:${relative('.', join(folder, 'c'))}`)).toBeUndefined();
  });

  it('is the file itself if the command has a slash', () => {
    expect(findProgram('/nowhere/plugin', '/bin')).toBe('/nowhere/plugin');
  });
});
