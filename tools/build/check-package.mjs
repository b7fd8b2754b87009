// Packs the library in the current folder as npm would publish it, and checks the tarball with publint and attw. With an
// argument, it checks this tarball: `node tools/build/check-package.mjs FILE`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve as absolute } from 'node:path';

const { resolve } = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'package-'));
try {
  const tarball = process.argv[2] ? absolute(process.argv[2]) : pack();
  const stray = execFileSync('tar', ['-tf', tarball], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''))
    .filter((path) => !/^(dist\/|package\.json$|README\.md$|LICENSE$)/.test(path));
  if (stray.length > 0) throw new Error(`The tarball ships what nobody needs: ${stray.join(', ')}`);
  const check = (cli, ...args) =>
    execFileSync(process.execPath, [cli, ...args, tarball], { stdio: 'inherit' });
  check(join(resolve('publint'), '../../src/cli.js'), 'run', '--strict');
  check(join(resolve('@arethetypeswrong/cli/package.json'), '../dist/index.js'));
} finally {
  rmSync(folder, { recursive: true });
}

function pack() {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { encoding: 'utf8' });
  return join(folder, JSON.parse(packed)[0].filename);
}
