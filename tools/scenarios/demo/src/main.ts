import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startEmbedded, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { narrator } from './narrator.ts';
import { tellStory, YOUTH } from './story.ts';

const HALF_A_DAY = 12 * 3_600_000;

const USAGE = `Usage: npm run demo [-- --keep]

Shows how ECR Anywhere works, on the real programs: a webhook and a refresher as
processes of their own, an emulator in place of AWS and a small API server in
place of a cluster, all on this machine.

  --keep      leave everything running afterwards, and print the addresses
  -h, --help
  --version`;

async function main(): Promise<number> {
  const values = flags();
  if (typeof values === 'string') {
    console.error(`${values}\n\n${USAGE}`);
    return 2;
  }
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.version) {
    console.log(`demo ${version()}`);
    return 0;
  }
  const tell = narrator(
    (line) => console.log(line),
    process.stdout.isTTY || process.env['FORCE_COLOR'] === '1',
  );
  let cluster: Cluster | undefined;
  try {
    cluster = await startEmbedded();
    const installation = await tellStory(cluster, tell);
    if (values.keep) await keep(cluster, installation);
    await installation.uninstall();
    console.log('\nThat was the whole story. Everything that it started has ended.');
    return 0;
  } catch (error) {
    console.error(`\nThe story failed. ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await cluster?.stop();
  }
}

/** Reads the arguments. @returns them, or a message about what is wrong */
function flags() {
  try {
    return parseArgs({
      options: {
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return (error as Error).message; // the message of Node names the flag
  }
}

function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/demo/package.json') as { version: string };
  return manifest.version;
}

async function keep({ connection }: Cluster, installation: Installation): Promise<void> {
  const { aws, service, replicas } = installation;
  // The tokens of the story live for seconds.
  aws.setTokenLifetime(HALF_A_DAY);
  await sleep(YOUTH);
  await installation.refresh(['--force']);
  console.log(`
Still running, until Ctrl-C; the credentials are good for twelve hours now:
  API server   curl ${connection.url}/api/v1/namespaces/test/secrets   (too small for kubectl)
  webhook      https://127.0.0.1:${service.port}/sync
  metrics      curl ${replicas[0]?.metricsUrl}
  AWS          ${aws.endpoint}
  registry     ${aws.registryUrl}/v2/, in the place of ${aws.registryHost}`);
  await new Promise<void>((ended) => {
    process.once('SIGINT', () => ended());
    process.once('SIGTERM', () => ended());
  });
}

process.exitCode = await main();
