import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromKeysDirectory } from './keys-directory.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keys-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Writes files as kubelet does: into a new folder, with one symbolic link that is replaced. */
function mount(version: string, files: Record<string, string>): void {
  mkdirSync(join(directory, version));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, version, name), text);
    rmSync(join(directory, name), { force: true });
    symlinkSync(join('..data', name), join(directory, name));
  }
  symlinkSync(version, join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
}

const keys = (name: string) => ({
  AWS_ACCESS_KEY_ID: `AKIA${name}\n`,
  AWS_SECRET_ACCESS_KEY: `secret of ${name}`,
});

describe('a directory of keys', () => {
  it('gives the keys in its files, without a line end', async () => {
    mount('..v1', keys('ONE'));
    expect(await fromKeysDirectory(directory)).toEqual({
      accessKeyId: 'AKIAONE',
      secretAccessKey: 'secret of ONE',
    });
  });

  it('gives the session token if there is one', async () => {
    mount('..v1', { ...keys('ONE'), AWS_SESSION_TOKEN: 'token' });
    expect(await fromKeysDirectory(directory)).toMatchObject({ sessionToken: 'token' });
  });

  it('need not be mounted by kubelet', async () => {
    for (const [name, text] of Object.entries(keys('PLAIN'))) writeFileSync(join(directory, name), text);
    expect(await fromKeysDirectory(directory)).toMatchObject({ accessKeyId: 'AKIAPLAIN' });
  });

  it('never gives a new key with an old secret, however often kubelet replaces them', async () => {
    mount('..v0', keys('0'));
    const seen = new Set<string>();
    for (let version = 1; version <= 50; version++) {
      const reading = fromKeysDirectory(directory);
      mount(`..v${version}`, keys(String(version)));
      rmSync(join(directory, `..v${version - 1}`), { recursive: true });
      const { accessKeyId, secretAccessKey } = await reading;
      expect(secretAccessKey).toBe(`secret of ${accessKeyId.slice(4)}`);
      seen.add(accessKeyId);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  it('never does so either if it is a folder in a volume, as for several Secrets in one', async () => {
    const folder = join(directory, 'team-a');
    /** As kubelet does: only the first part of a path is a link. */
    const mountFolder = (version: string) => {
      mkdirSync(join(directory, version, 'team-a'), { recursive: true });
      for (const [name, text] of Object.entries(keys(version.slice(3))))
        writeFileSync(join(directory, version, 'team-a', name), text);
      symlinkSync(version, join(directory, '..data_tmp'));
      renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    mountFolder('..v0');
    symlinkSync('..data/team-a', folder);
    const seen = new Set<string>();
    for (let version = 1; version <= 200; version++) {
      const reading = fromKeysDirectory(folder);
      for (let ticks = version % 7; ticks > 0; ticks--) await new Promise((passed) => setImmediate(passed));
      mountFolder(`..v${version}`);
      rmSync(join(directory, `..v${version - 1}`), { recursive: true });
      const { accessKeyId, secretAccessKey } = await reading;
      expect(secretAccessKey).toBe(`secret of ${accessKeyId.slice(4)}`);
      seen.add(accessKeyId);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  it.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])(
    'is refused without %s; the error has the path',
    async (name) => {
      mount('..v1', { ...keys('ONE'), [name]: ' ' });
      await expect(fromKeysDirectory(directory)).rejects.toMatchObject({
        code: 'credentials-missing',
        message: `${join(directory, name)} is missing or empty`,
      });
    },
  );

  it('is refused if it does not exist or has other content, which is not shown', async () => {
    const gone = fromKeysDirectory(join(directory, 'gone'));
    await expect(gone).rejects.toMatchObject({ code: 'credentials-missing' });
    mkdirSync(join(directory, 'AWS_ACCESS_KEY_ID'));
    await expect(fromKeysDirectory(directory)).rejects.toMatchObject({
      message: `${join(directory, 'AWS_ACCESS_KEY_ID')} is a folder, not a file`,
    });
  });
});
