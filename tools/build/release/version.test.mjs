// `node --test tools/build/release`
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { releaseVersion } from './version.mjs';

const manifest = new URL('../../../libs/admission/package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
const CI = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: `v${version}` };

describe('the version of a release', () => {
  test("is the tag's, which the packages say as well", () => {
    assert.equal(releaseVersion(CI), version);
  });

  for (const [what, change, message] of [
    ['outside CI', { CI: undefined }, /made by CI/],
    ['in CI that is not GitHub', { GITHUB_ACTIONS: undefined }, /made by CI/],
    ['on a branch', { GITHUB_REF_TYPE: 'branch' }, /is no version tag/],
    ['on a tag that names no version', { GITHUB_REF_NAME: 'v1' }, /v1 is no version tag/],
    ['where the packages say another', { GITHUB_REF_NAME: 'v987.0.0' }, /says .*, the tag 987\.0\.0/],
  ]) {
    test(`is refused ${what}`, () => {
      assert.throws(() => releaseVersion({ ...CI, ...change }), message);
    });
  }
});
