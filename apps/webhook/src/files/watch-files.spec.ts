import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecr-anywhere/eventually';
import { watchFiles, type FileWatch, type FileWatchOptions } from './watch-files.ts';

describe('watched files', () => {
  let folder: string;
  let one: string;
  let other: string;
  let values: string[];
  let problems: string[];
  let looks: number;
  let watch: FileWatch<string>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'files-'));
    [one, other] = [join(folder, 'one'), join(folder, 'other')];
    [values, problems, looks] = [[], [], 0];
  });

  afterEach(async () => {
    watch.stop();
    await rm(folder, { recursive: true });
  });

  const start = (changes: Partial<FileWatchOptions<string>> = {}) => {
    watch = watchFiles({
      files: [one, other],
      interval: 60_000,
      parse([first = '', second = '']) {
        if (first !== second) throw new Error('the files do not belong together');
        return first;
      },
      onValue: (value) => void values.push(value),
      onProblem: ({ message }) => void problems.push(message),
      onLook: () => void looks++,
      ...changes,
    });
  };
  const put = async (first: string, second = first) => {
    await writeFile(one, first);
    await writeFile(other, second);
  };

  it('are read at once, and each new content is reported once', async () => {
    await put('a');
    start();
    watch.look();
    await put('b');
    watch.look();
    watch.look();
    expect(values).toEqual(['a', 'b']);
    expect(watch.value).toBe('b');
    expect(looks).toBe(4);
    expect(problems).toEqual([]);
  });

  it('are read again at each interval, until they are no longer watched', async () => {
    await put('a');
    start({ interval: 10 });
    await put('b');
    await eventually('the new content is read', () => values.length > 1);
    watch.stop();
    await put('c');
    await sleep(50);
    expect(values).toEqual(['a', 'b']);
  });

  it('are found again after the kubelet has swapped the link to their folder', async () => {
    for (const name of ['1', '2']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'file'), name);
    }
    await symlink('1', join(folder, '..data'));
    await symlink(join('..data', 'file'), one);
    start({ files: [one], parse: ([text = '']) => text });
    await symlink('2', join(folder, '..new'));
    await rename(join(folder, '..new'), join(folder, '..data'));
    watch.look();
    expect(values).toEqual(['1', '2']);
  });

  it('are reported once each time they cannot be used, with the reason', async () => {
    await put('a', 'b');
    start();
    watch.look();
    await rm(one);
    watch.look();
    watch.look();
    await put('a', 'b');
    watch.look();
    const apart = 'the files do not belong together';
    expect(problems).toEqual([apart, `${one} cannot be read (ENOENT)`, apart]);
    expect(watch.value).toBeUndefined();
  });

  it('keep their last value while they cannot be used, which is reported at the second look', async () => {
    await put('a');
    start();
    await put('b', 'a');
    watch.look();
    expect(problems).toEqual([]);
    watch.look();
    watch.look();
    expect(problems).toEqual(['the files do not belong together']);
    expect(watch.value).toBe('a');
  });

  it('that are replaced one after the other are not reported as a problem', async () => {
    await put('a');
    start();
    await put('b', 'a');
    watch.look();
    await put('b');
    watch.look();
    expect(values).toEqual(['a', 'b']);
    expect(problems).toEqual([]);
  });

  it('are reported again when they have their earlier content again', async () => {
    await put('a');
    start();
    await rm(one);
    watch.look();
    await put('a');
    watch.look();
    expect(values).toEqual(['a', 'a']);
  });

  it('are not parsed again while they are the same', async () => {
    await put('a');
    let parsed = 0;
    start({ parse: () => String(++parsed) });
    watch.look();
    expect(parsed).toBe(1);
  });

  it.each<[string, (path: string) => unknown, string]>([
    ['is a named pipe without a writer', (path) => execFileSync('mkfifo', [path]), 'is not a regular file'],
    ['is a folder', (path) => mkdir(path), 'is not a regular file'],
    ['is too large', (path) => writeFile(path, ' '.repeat(1_024 * 1_024 + 1)), 'has more than 1 MiB'],
  ])('are reported if one %s, and are still watched', async (_, make, problem) => {
    await put('a');
    await rm(one);
    await make(one);
    start();
    expect(problems).toEqual([`${one} ${problem}`]);
    await rm(one, { recursive: true });
    await put('b');
    watch.look();
    expect(values).toEqual(['b']);
  });
});
