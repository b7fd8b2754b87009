import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USAGE } from './command-line.mjs';

const ROOT = workspaceRoot();
/** All that the flags need. The script that installs dependencies is not among them. */
const FILES = [
  'package.json',
  'tools/scenarios/demo/package.json',
  'tools/scenarios/demo/run.mjs',
  'tools/scenarios/demo/src/command-line.mjs',
];

describe('npm run demo in a fresh clone', () => {
  let clone: string;

  beforeAll(async () => {
    clone = await mkdtemp(join(tmpdir(), 'demo-clone-'));
    for (const file of FILES) await cp(join(ROOT, file), join(clone, file));
  });

  afterAll(() => rm(clone, { recursive: true }));

  function demo(...args: string[]) {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'demo', ...args], {
      cwd: clone,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: clone },
    });
    return { status, stdout, stderr };
  }

  it.each([
    ['--kepe', "Unknown option '--kepe'"],
    ['keep', "Unexpected argument 'keep'"],
    ['--record', "Option '--record <value>' argument missing"],
  ])('refuses the wrong flag %s with the usage, before it installs anything', async (flag, sentence) => {
    expect(demo('--', flag)).toEqual({ status: 2, stdout: '', stderr: `${sentence}\n\n${USAGE}\n` });
    expect(await readdir(clone)).not.toContain('node_modules');
  });

  it.each(['--help', '-h'])('prints its usage for %s', (flag) => {
    expect(demo('--', flag)).toEqual({ status: 0, stdout: `${USAGE}\n`, stderr: '' });
  });

  it('says how to write a flag that npm did not pass on', () => {
    const { status, stderr } = demo('--keep');
    expect(status).toBe(2);
    expect(stderr).toContain('npm did not pass on --keep: write npm run demo -- --keep\n\nUsage: ');
  });
});
