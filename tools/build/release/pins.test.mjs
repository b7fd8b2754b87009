import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { downloads, unpinnedActions, unpinnedImages } from './pins.mjs';

const COMMIT = '08c6903cd8c0fde910a37f88322edcfb5dd907a8';
const DIGEST = `sha256:${'1'.repeat(64)}`;

test('everything that this repository uses is pinned', () => {
  execFileSync(process.execPath, [fileURLToPath(new URL('pins.mjs', import.meta.url))]);
});

test('the workflow signs with the version of cosign that try.sh builds', () => {
  const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const [, version] = /github\.com\/sigstore\/cosign\/v3 (\S+)/.exec(read('cosign/go.mod'));
  const installed = [...read('../../../.github/workflows/release.yml').matchAll(/cosign-release: (\S+)/g)];
  assert.deepEqual([...new Set(installed.map(([, found]) => found))], [version]);
});

describe('an action in a workflow', () => {
  test('is pinned by a commit', () => {
    assert.deepEqual(unpinnedActions(`      - uses: actions/checkout@${COMMIT} # v5.0.0`), []);
    assert.deepEqual(unpinnedActions('      - uses: ./.github/actions/receive'), []);
  });

  for (const reference of ['v5', 'main', COMMIT.slice(0, 7), '']) {
    test(`is not pinned by "${reference}", and the message says how to look the commit up`, () => {
      const [problem] = unpinnedActions(`      - uses: actions/checkout@${reference} # v5.0.0`);

      assert.match(problem, /^actions\/checkout@.* is not pinned by a commit/);
      assert.match(
        problem,
        /git ls-remote https:\/\/github\.com\/actions\/checkout 'refs\/tags\/v5\.0\.0\*'$/,
      );
    });
  }

  test('is found in the second line of a step, too', () => {
    assert.equal(unpinnedActions('- name: a\n  uses: a/b/c@v1').length, 1);
  });
});

describe('an image in a Dockerfile', () => {
  test('is pinned by a digest', () => {
    const dockerfile = `ARG BASE=gcr.io/a/b:c@${DIGEST}\nFROM \${BASE} AS program\nFROM program AS webhook\n`;
    assert.deepEqual(unpinnedImages(dockerfile), []);
  });

  for (const image of ['gcr.io/a/b:c', 'gcr.io/a/b:c@', 'gcr.io/a/b:c@sha256:1']) {
    test(`is not pinned by ${image}, and the message says how to look the digest up`, () => {
      const [problem] = unpinnedImages(`ARG BASE=${image}\nFROM \${BASE} AS program`);

      assert.match(problem, /is not pinned by a digest/);
      assert.match(problem, /skopeo inspect --raw docker:\/\/gcr\.io\/a\/b:c \| sha256sum$/);
    });
  }

  test('is found in a stage of its own', () => {
    assert.equal(unpinnedImages('FROM --platform=linux/amd64 busybox AS a').length, 1);
  });
});

describe('the release workflow', () => {
  for (const line of [
    'run: curl -fsSL https://example.com/x',
    'npx --yes tool',
    'npm install -g npm',
    'docker pull a',
  ]) {
    test(`may not run "${line}"`, () => {
      assert.equal(downloads(`  - ${line}`).length, 1);
    });
  }

  test('may run npm ci, whose lock file has checksums', () => {
    assert.deepEqual(downloads('      - run: npm ci\n      # curl is a word here'), []);
  });
});
