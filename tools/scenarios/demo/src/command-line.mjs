// Plain JavaScript, because run.mjs reads the flags before anything is built.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run demo [-- FLAGS]

Shows how ECR Anywhere works, with the real programs: the webhook and the
refresher run as processes on this machine. An emulator replaces AWS, and a
small API server replaces the cluster. All of them listen on loopback only.

  --keep         keep everything running after the story, and print commands
                 to try
  --record FILE  draw the story into this SVG file
  -h, --help     print this text
  --version      print the version

The first run installs dependencies and builds the programs. It writes into this
folder (node_modules, dist, .nx), and into caches in your home folder (.npm,
.nx, .cache). Nothing else stays on this machine.

Exit code: 0 the story is as the README says, 1 it is not, 2 wrong flags.`;

const OPTIONS = /** @type {const} */ ({
  keep: { type: 'boolean' },
  record: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
});

/**
 * Answers `--help`, `--version` and wrong flags.
 *
 * @returns the exit code; undefined if the story should be told
 */
export function answer(args, env) {
  try {
    const { help, version } = parse(args);
    // Without `--`, npm takes the flag as a setting of its own, and makes a variable of it.
    if (env.npm_lifecycle_event === 'demo' && env.npm_config_keep !== undefined)
      throw new Error('npm did not pass on --keep: write npm run demo -- --keep');
    if (!help && !version) return undefined;
    console.log(help ? USAGE : `demo ${versionOf(new URL('../package.json', import.meta.url))}`);
    return 0;
  } catch (error) {
    // The first sentence of Node's message names the flag.
    const [sentence = ''] = error.message.split('. ');
    console.error(`${sentence}\n\n${USAGE}`);
    return 2;
  }
}

/** Reads the flags. */
export function parse(args) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

/** In the bundle, too, the package.json is in the folder above. */
function versionOf(manifest) {
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
