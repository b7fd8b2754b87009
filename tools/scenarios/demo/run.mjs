// `npm run demo`: checks the flags, installs and builds what is missing, and tells the story. Until it has installed, it needs
// no dependencies. The script in package.json begins with `exec`: otherwise Ctrl-C ends the shell, and npm does not wait for
// this program.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answer } from './src/command-line.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

process.exitCode = answer(process.argv.slice(2), process.env);
if (process.exitCode === undefined) {
  // Nothing runs yet that has to be ended, if nobody reads the output any more: `npm run demo | head`.
  const leave = () => process.exit(0);
  for (const stream of [process.stdout, process.stderr]) stream.once('error', leave);
  process.exitCode = await prepare();
  for (const stream of [process.stdout, process.stderr]) stream.off('error', leave);
  if (process.exitCode === 0) await import('./dist/main.js');
}

/** Installs the dependencies and builds the programs, if that has not been done. */
async function prepare() {
  const setup = spawnSync(process.execPath, [join(root, 'tools/build/setup.mjs')], { stdio: 'inherit' });
  if (setup.status !== 0) return setup.status ?? 1;
  const { runQuietly } = await import('../../build/run-quietly.mjs');
  const isBuilt = existsSync(new URL('dist/main.js', import.meta.url));
  console.error(isBuilt ? 'Building what has changed …' : 'Building (about a minute, once) …');
  return runQuietly(join(root, 'node_modules/.bin/nx'), ['build', '@ecr-anywhere/demo'], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' }, // no process of Nx keeps running
  });
}
