import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { staticCredentials } from './credentials.ts';

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

  it('is read for each request; while it is missing or empty, the last token counts', async () => {
    const { get } = staticCredentials({ tokenFile: tokenFile() });
    expect(await get()).toMatchObject({ authorization: 'Bearer first' });
    writeFileSync(file, 'second\n');
    expect(await get()).toMatchObject({ authorization: 'Bearer second' });
    writeFileSync(file, '');
    expect(await get()).toMatchObject({ authorization: 'Bearer second' });
    rmSync(file);
    expect(await get()).toMatchObject({ authorization: 'Bearer second' });
  });

  it('is named in the error if it cannot be read, or contains more than a token', async () => {
    writeFileSync(file, 'canary\nof two lines\n');
    await expect(staticCredentials({ tokenFile: tokenFile() }).get()).rejects.toThrow(
      /^tokenFile: it contains a line feed or another control character$/,
    );
    rmSync(file);
    await expect(staticCredentials({ tokenFile: tokenFile() }).get()).rejects.toThrow(
      `tokenFile: ${file} cannot be read (ENOENT)`,
    );
  });
});
