import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: aws-emulator

ECR, STS, metadata services and a registry, on loopback, for tests. Prints its
addresses as a line of JSON, and ends on SIGTERM. Its settings are variables of
the environment:

  PORT                 where it listens; 0 is any free port (4566)
  HOST                 (127.0.0.1)
  ACCOUNT, REGION      (111122223333, us-east-1)
  TOKEN_LIFETIME_MS    how long ECR's tokens live (12 hours)
  SEED                 of faults with a probability
  IMAGE_LAYOUT         the folder of an OCI image layout, whose image the
                       registry serves
  CERT_FILE, KEY_FILE  serve everything over TLS as well, at
  TLS_PORT             (any free one)

  -h, --help
  --version

Exit code: 0 told to end, 2 could not start.`;

/**
 * Answers `--help`, `--version` and wrong arguments.
 *
 * @returns the exit code; undefined if the emulator should run
 */
export function answer(args: readonly string[]): number | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    });
    if (!values.help && !values.version) return undefined;
    console.log(values.help ? USAGE : `aws-emulator ${version()}`);
    return 0;
  } catch (error) {
    // The first sentence of Node's message names the argument.
    const [sentence = ''] = (error as Error).message.split('. ');
    console.error(`${sentence}; the settings are variables, which --help lists`);
    return 2;
  }
}

function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/aws-emulator/package.json') as {
    version: string;
  };
  return manifest.version;
}
