import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const work = mkdtempSync(join(tmpdir(), 'checksums-'));
after(() => rmSync(work, { recursive: true }));
const run = (...args) =>
  spawnSync(fileURLToPath(new URL('checksums.sh', import.meta.url)), args, { encoding: 'utf8' });

function archives() {
  const folder = mkdtempSync(join(work, 'archives-'));
  mkdirSync(join(folder, 'images'));
  writeFileSync(join(folder, 'images/a.tar'), 'a');
  writeFileSync(join(folder, 'b with spaces.tgz'), 'b');
  return folder;
}

describe('the archives that a job gets', () => {
  const built = run(archives()).stdout.trimEnd();

  test('are accepted if they are those that were built', () => {
    assert.match(built, /^[0-9a-f]{64} {2}\.\/b with spaces\.tgz\n[0-9a-f]{64} {2}\.\/images\/a\.tar$/);
    assert.equal(run(archives(), built).status, 0);
  });

  for (const [what, change] of [
    ['a file was changed', (folder) => writeFileSync(join(folder, 'images/a.tar'), 'A')],
    ['a file is missing', (folder) => rmSync(join(folder, 'images/a.tar'))],
    ['a file is one too many', (folder) => writeFileSync(join(folder, 'images/c.tar'), 'c')],
  ]) {
    test(`are refused if ${what}`, () => {
      const folder = archives();
      change(folder);

      const { status, stderr } = run(folder, built);

      assert.equal(status, 1);
      assert.match(stderr, /is not what was built/);
    });
  }

  test('are refused if the build gave no checksums', () => {
    assert.equal(run(archives(), '').status, 1);
  });
});
