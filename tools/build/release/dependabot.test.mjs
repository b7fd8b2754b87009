import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import yaml from 'js-yaml';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The files with pins, and what Dependabot calls the programs that read them. */
const ECOSYSTEMS = {
  Dockerfile: 'docker',
  'go.mod': 'gomod',
  'package-lock.json': 'npm',
  'requirements.txt': 'pip',
};

test('Dependabot looks into each folder with pins, and into no other', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  const pinned = files.flatMap((file) => {
    const name = file.slice(file.lastIndexOf('/') + 1);
    return name in ECOSYSTEMS ? [`${ECOSYSTEMS[name]} ${dirname(`/${file}`)}`] : [];
  });
  const { updates } = yaml.load(readFileSync(`${root}/.github/dependabot.yml`, 'utf8'));
  const watched = updates.flatMap(({ 'package-ecosystem': ecosystem, directory, directories }) =>
    (directories ?? [directory]).map((folder) => `${ecosystem} ${folder}`),
  );
  const matches = (pattern, folder) => new RegExp(`^${pattern.replaceAll('*', '[^/]+')}$`).test(folder);

  assert.deepEqual(
    pinned.filter((folder) => !watched.some((pattern) => matches(pattern, folder))),
    [],
  );
  const idle = watched.filter((pattern) => !pinned.some((folder) => matches(pattern, folder)));
  assert.deepEqual(idle, ['github-actions /']); // its files are those of .github/workflows
});
