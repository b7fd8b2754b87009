import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSmallFile, readSmallFileSync } from './small-file.ts';

describe.each<[string, (path: string, limit?: number) => Promise<string>]>([
  ['waits', readSmallFile],
  ['does not wait', async (path, limit) => readSmallFileSync(path, limit)],
])('a small file, read by who %s,', (_, read) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'small-file-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text = '') => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('is read unchanged', async () => {
    expect(await read(file('plain', 'text ü\n'))).toBe('text ü\n');
  });

  it('is read through symbolic links, as kubelet mounts Secrets', async () => {
    file('target', 'linked');
    symlinkSync('target', join(folder, 'one'));
    symlinkSync('one', join(folder, 'two'));
    expect(await read(join(folder, 'two'))).toBe('linked');
  });

  it('is refused at once if it is a named pipe without a writer', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(read(pipe)).rejects.toMatchObject({ reason: 'is not a regular file' });
  });

  it('is refused if it is a device or a socket', async () => {
    await expect(read('/dev/zero')).rejects.toMatchObject({ reason: 'is not a regular file' });
    const socket = join(folder, 'socket');
    const server = createServer().listen(socket);
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(read(socket)).rejects.toMatchObject({ reason: 'cannot be read (ENXIO)' });
    await new Promise((resolve) => server.close(resolve));
  });

  it('counts as empty if it is the null device, which people name to have no file', async () => {
    expect(await read('/dev/null')).toBe('');
    symlinkSync('/dev/null', join(folder, 'masked'));
    expect(await read(join(folder, 'masked'))).toBe('');
  });

  it('is read up to its limit, and refused above it', async () => {
    const path = file('large', 'x'.repeat(2_097_152));
    expect(await read(path, 2_097_152)).toHaveLength(2_097_152);
    await expect(read(path)).rejects.toMatchObject({ reason: 'is larger than 1 MiB' });
  });

  it('gives the reason for a folder and for an error of the operating system', async () => {
    await expect(read(folder)).rejects.toMatchObject({ reason: 'is a folder, not a file', code: 'EISDIR' });
    const missing = { reason: 'cannot be read (ENOENT)', code: 'ENOENT' };
    await expect(read(join(folder, 'none'))).rejects.toMatchObject(missing);
  });
});
