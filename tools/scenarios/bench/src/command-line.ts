import { createRequire } from 'node:module';

const USAGE = `Usage: npm run bench [-- webhook|refresher]
       npm run bench -- fields|profiles|regions [ROUNDS]
       npm run bench:cluster [-- ROUNDS]

Makes the measurements of docs/performance.md on this machine: of the webhook
and the refresher, or of one of them; with bench:cluster on a testbed, which
needs root. fields compares the two values of DOCKER_CONFIG_FIELDS on a real
kube-apiserver and etcd, which tools/testbed/build.sh builds. profiles compares
webhooks with 1, 3 and 20 profiles; regions compares those with one region, two,
and two of which one hangs.

  -h, --help
  --version`;

const COMMANDS: ReadonlySet<string | undefined> = new Set([
  undefined,
  'webhook',
  'refresher',
  'cluster',
  'fields',
  'profiles',
  'regions',
]);

/**
 * Answers `--help`, `--version` and wrong arguments.
 *
 * @returns the exit code; undefined if the bench should run
 */
export function answer([command]: readonly string[]): number | undefined {
  if (COMMANDS.has(command)) return undefined;
  if (command === '--help' || command === '-h') console.log(USAGE);
  else if (command === '--version') console.log(`bench ${version()}`);
  else {
    console.error(`There is nothing to measure that is called ${JSON.stringify(command)}; --help lists it`);
    return 2;
  }
  return 0;
}

function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/bench/package.json') as { version: string };
  return manifest.version;
}
