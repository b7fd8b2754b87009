import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const CLUSTER = join(import.meta.dirname, '../../../../testbed/cluster.sh');
// The testbed needs root. `npm test` must work with only Node and npm.
const describeForRoot = process.getuid?.() === 0 && existsSync('/bin/bash') ? describe : describe.skip;

describeForRoot('an earlier cluster of the testbed', () => {
  let folder: string;
  let run: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'testbed-spec-'));
    run = join(folder, 'run');
    mkdirSync(join(run, 'programs'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  // This home contains no built program, so nothing starts.
  const cluster = (subcommand: string) =>
    spawnSync(CLUSTER, [subcommand], {
      encoding: 'utf8',
      env: { ...process.env, TESTBED_NAME: 'spec', TESTBED_RUN: run, TESTBED_HOME: join(folder, 'home') },
    });

  it('that has ended, as after a reboot, does not block the next one', () => {
    const startedBeforeTheMachine = -1;
    writeFileSync(join(run, 'container'), `${process.pid} ${startedBeforeTheMachine}\n`);
    const { stderr } = cluster('up');
    expect(stderr).toContain(`Removes what is left of a cluster that has ended (${run}).`);
    expect(existsSync(run)).toBe(false);
  });

  it('that runs is left alone', () => {
    startedByThisProcess();
    const { status, stderr } = cluster('up');
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('run cluster.sh down first'),
    });
    expect(existsSync(join(run, 'container'))).toBe(true);
  });

  it("has the status 'not up yet' until it is up", () => {
    startedByThisProcess();
    expect(cluster('status')).toMatchObject({ status: 3, stderr: expect.stringContaining('not up yet') });
  });

  function startedByThisProcess(): void {
    const started = readFileSync('/proc/self/stat', 'utf8').replace(/.*\) /s, '').split(' ')[19];
    writeFileSync(join(run, 'container'), `${process.pid} ${started}\n`);
  }
});
