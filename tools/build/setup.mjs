// Installs the dependencies if package-lock.json has changed, so that `npm test` and `npm run demo` work as the
// first command in a fresh clone. npm runs this script with --installed after each installation, which writes a stamp.
// It has no dependencies, because nothing is installed when it runs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stamp = join(root, 'node_modules', '.ecr-anywhere-installed');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: ECR Anywhere needs 20.19 or newer.`);
  process.exit(1);
}
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
if (process.argv.includes('--installed')) {
  writeFileSync(stamp, wanted); // npm has just installed everything
  process.exit(0);
}
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
if (installed !== wanted) {
  console.error('Installing dependencies with npm ci (a minute or two, once) …');
  // Standard output says how many packages there are. Errors, and the progress on a terminal, go to standard error.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 2],
  });
  if (status !== 0) {
    console.error(
      'npm ci failed. Its own message stands above; with a lock file out of date, run npm install.',
    );
    process.exit(status ?? 1);
  }
}
