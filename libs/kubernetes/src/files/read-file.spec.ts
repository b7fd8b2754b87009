import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMissing, readFileOrPipe, readRegularFile } from './read-file.ts';

describe('a file that a setting names', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'file-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);

  it('may be a symbolic link', () => {
    writeFileSync(path('token'), 'text, wörd');
    symlinkSync(path('token'), path('link'));
    expect(readRegularFile(path('token'))).toBe('text, wörd');
    expect(readRegularFile(path('link'))).toBe('text, wörd');
  });

  it('does not block the program if it is a pipe without a writer', () => {
    execFileSync('mkfifo', [path('pipe')]);
    expect(() => readRegularFile(path('pipe'))).toThrow('is not a regular file');
  });

  it.each([
    ['is not a regular file', readRegularFile],
    ['is a folder', readFileOrPipe],
  ])('has an error that says why it cannot be read (%s)', async (isFolder, read) => {
    mkdirSync(path('folder'));
    writeFileSync(path('large'), Buffer.alloc(4 * 1_024 * 1_024 + 1));
    const reading = async (name: string) => read(path(name));
    await expect(reading('folder')).rejects.toThrow(isFolder);
    await expect(reading('large')).rejects.toThrow('has more than 4 MiB');
    await expect(reading('missing')).rejects.toThrow('cannot be read (ENOENT)');
    await expect(reading('large/below')).rejects.toThrow('cannot be read (ENOTDIR)');
  });

  it('is read up to a limit', () => {
    writeFileSync(path('file'), 'x'.repeat(1_024 * 1_024));
    expect(readRegularFile(path('file'), 1_024 * 1_024)).toHaveLength(1_024 * 1_024);
    appendFileSync(path('file'), 'x');
    expect(() => readRegularFile(path('file'), 1_024 * 1_024)).toThrow('has more than 1 MiB');
  });

  it.each([
    ['missing', true],
    ['large/below', false],
    ['.', false],
  ])('%s is missing: %p', (name, expected) => {
    writeFileSync(path('large'), '');
    let error: unknown;
    try {
      readRegularFile(path(name));
    } catch (thrown) {
      error = thrown;
    }
    expect(isMissing(error)).toBe(expected);
  });

  it('is read to its end if it is a pipe with a slow writer', async () => {
    execFileSync('mkfifo', [path('pipe')]);
    const writer = spawn('sh', [
      '-c',
      `sleep 0.1; { printf 'kind: '; sleep 0.1; printf Config; } > "${path('pipe')}"`,
    ]);
    const ended = once(writer, 'exit');
    expect(await readFileOrPipe(path('pipe'))).toBe('kind: Config');
    await ended;
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux.each([
    ['(printf x; sleep 0.1; printf y)', 'xy'],
    ['true', ''],
  ])('is read to its end if it is the pipe of a shell: %s', async (command, content) => {
    const shell = spawn('sh', ['-c', `${command} | sh -c 'echo $$; exec sleep 60'`]);
    const [pid] = (await once(shell.stdout, 'data')) as [Buffer];
    expect(await readFileOrPipe(`/proc/${Number(pid)}/fd/0`)).toBe(content);
    process.kill(Number(pid), 'SIGKILL');
  });

  it('is not waited for after the signal, if it is a pipe without a writer', async () => {
    execFileSync('mkfifo', [path('pipe')]);
    const stop = new AbortController();
    const reading = readFileOrPipe(path('pipe'), stop.signal);
    stop.abort(new Error('SIGTERM'));
    await expect(reading).rejects.toThrow('SIGTERM');
  });
});
