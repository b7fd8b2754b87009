// Packs the library in the current folder as npm would publish it, and checks the tarball with publint and attw.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { resolve } = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'package-'));
try {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { encoding: 'utf8' });
  const [{ filename, files }] = JSON.parse(packed);
  const stray = files
    .map(({ path }) => path)
    .filter((path) => !/^(dist\/|package\.json$|README\.md$|LICENSE$)/.test(path));
  if (stray.length > 0) throw new Error(`The tarball ships what nobody needs: ${stray.join(', ')}`);
  const tarball = join(folder, filename);
  const check = (cli, ...args) =>
    execFileSync(process.execPath, [cli, ...args, tarball], { stdio: 'inherit' });
  check(join(resolve('publint'), '../../src/cli.js'), 'run', '--strict');
  check(join(resolve('@arethetypeswrong/cli/package.json'), '../dist/index.js'));
} finally {
  rmSync(folder, { recursive: true });
}
