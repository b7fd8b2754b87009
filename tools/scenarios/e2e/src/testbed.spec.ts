import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const CLUSTER = join(import.meta.dirname, '../../../testbed/cluster.sh');
// The testbed is for root alone, and npm test needs nothing but Node and npm.
const describeForRoot = process.getuid?.() === 0 && existsSync('/bin/bash') ? describe : describe.skip;

describeForRoot('what an earlier testbed left', () => {
  let folder: string;
  let run: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'testbed-spec-'));
    run = join(folder, 'run');
    mkdirSync(join(run, 'programs'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  // No program was built into this home, so nothing starts.
  const cluster = (subcommand: string) =>
    spawnSync(CLUSTER, [subcommand], {
      encoding: 'utf8',
      env: { ...process.env, TESTBED_NAME: 'spec', TESTBED_RUN: run, TESTBED_HOME: join(folder, 'home') },
    });

  it('does not stand in the way of the next once it has ended, as after a restart of the machine', () => {
    const startedBeforeTheMachine = -1;
    writeFileSync(join(run, 'container'), `${process.pid} ${startedBeforeTheMachine}\n`);
    const { stderr } = cluster('up');
    expect(stderr).toContain(`Removes what is left of a cluster that has ended (${run}).`);
    expect(existsSync(run)).toBe(false);
  });

  it('is left alone while it runs', () => {
    startedByThisProcess();
    const { status, stderr } = cluster('up');
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('run cluster.sh down first'),
    });
    expect(existsSync(join(run, 'container'))).toBe(true);
  });

  it('is not taken for one that is up before it is', () => {
    startedByThisProcess();
    expect(cluster('status')).toMatchObject({ status: 3, stderr: expect.stringContaining('not up yet') });
  });

  function startedByThisProcess(): void {
    const started = readFileSync('/proc/self/stat', 'utf8').replace(/.*\) /s, '').split(' ')[19];
    writeFileSync(join(run, 'container'), `${process.pid} ${started}\n`);
  }
});
