import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { givenCredentials } from './credentials.ts';

describe('a token file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'token-'));
    file = join(folder, 'token');
    writeFileSync(file, 'first\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const tokenFile = () => ({ field: 'tokenFile', file });

  it('is read each time, as it rotates; while it is away or empty, what it had still counts', async () => {
    const { current } = givenCredentials({ tokenFile: tokenFile() });
    expect(await current()).toMatchObject({ authorization: 'Bearer first' });
    writeFileSync(file, 'second\n');
    expect(await current()).toMatchObject({ authorization: 'Bearer second' });
    writeFileSync(file, '');
    expect(await current()).toMatchObject({ authorization: 'Bearer second' });
    rmSync(file);
    expect(await current()).toMatchObject({ authorization: 'Bearer second' });
  });

  it('is told by its name where it cannot be read, or holds more than a token', async () => {
    writeFileSync(file, 'canary\nof two lines\n');
    await expect(givenCredentials({ tokenFile: tokenFile() }).current()).rejects.toThrow(
      /^tokenFile: a line feed or another control character stands in it$/,
    );
    rmSync(file);
    await expect(givenCredentials({ tokenFile: tokenFile() }).current()).rejects.toThrow(
      `tokenFile: ${file} cannot be read (ENOENT)`,
    );
  });
});
