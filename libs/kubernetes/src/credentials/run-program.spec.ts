import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { isAlive } from '../testing/is-alive.ts';

describe('a program that prints credentials', () => {
  let folder: string;
  /** The process IDs of all started programs. A test that fails must leave nothing behind. */
  const pids: number[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'program-'));
  });
  afterEach(() => {
    for (const pid of pids.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const run = (script: string, { signal = new AbortController().signal, isInteractive = false } = {}) =>
    runProgram(
      {
        file: '/bin/sh',
        args: ['-c', script],
        env: { PATH: process.env['PATH'], FOLDER: folder },
        isInteractive,
      },
      signal,
    );
  const pidIn = async (name: string): Promise<number> => {
    const file = join(folder, name);
    await eventually(`${name} has started`, () => existsSync(file) && readFileSync(file, 'utf8') !== '');
    const pid = Number(readFileSync(file, 'utf8'));
    pids.push(pid);
    return pid;
  };
  const gone = (pid: number) => eventually(`${pid} has ended`, () => !isAlive(pid));

  it('has an output and an exit code', async () => {
    expect(await run('printf "%s" "$FOLDER"; exit 3')).toEqual({ code: 3, signal: null, output: folder });
    expect(await run('cat')).toMatchObject({ code: 0, output: '' }); // standard input is empty
  });

  it('is ended with the programs that it started', async () => {
    const stop = new AbortController();
    const running = run('sleep 600 & echo $! > "$FOLDER/child"; echo $$ > "$FOLDER/itself"; wait', {
      signal: stop.signal,
    });
    const started = [await pidIn('itself'), await pidIn('child')];
    expect(started.every(isAlive)).toBe(true);
    stop.abort(new Error('deadline of 2s'));
    await expect(running).rejects.toThrow('deadline of 2s');
    for (const pid of started) await gone(pid);
  });

  it('is ended even if it ignores SIGTERM', async () => {
    const stop = new AbortController();
    const stays = 'while :; do sleep 0.05; done';
    const running = run(
      `trap '' TERM; (${stays}) & echo $! > "$FOLDER/child"; echo $$ > "$FOLDER/itself"; ${stays}`,
      { signal: stop.signal },
    );
    const started = [await pidIn('itself'), await pidIn('child')];
    stop.abort(new Error('SIGTERM'));
    await expect(running).rejects.toThrow('SIGTERM');
    for (const pid of started) await gone(pid);
  });

  it('is ended if it shares the terminal with us', async () => {
    const stop = new AbortController();
    const running = run('echo $$ > "$FOLDER/itself"; exec sleep 600', {
      signal: stop.signal,
      isInteractive: true,
    });
    const pid = await pidIn('itself');
    stop.abort(new Error('SIGINT'));
    await expect(running).rejects.toThrow('SIGINT');
    await gone(pid);
    expect(isAlive(process.pid)).toBe(true);
  });

  it('is ended if it prints without end', async () => {
    const running = run('echo $$ > "$FOLDER/itself"; exec cat /dev/zero');
    await expect(running).rejects.toThrow('printed more than 1 MiB');
    await gone(await pidIn('itself'));
  });

  it('is not started after the signal', async () => {
    await expect(
      run('touch "$FOLDER/ran"', { signal: AbortSignal.abort(new Error('SIGTERM')) }),
    ).rejects.toThrow('SIGTERM');
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  it('is reported if it cannot be run', async () => {
    const options = { file: folder, args: [], env: {}, isInteractive: false };
    await expect(runProgram(options, new AbortController().signal)).rejects.toThrow('cannot be run (EACCES)');
  });
});
