import { parseArgs } from 'node:util';
import { startEmbedded, type Cluster } from '@ecr-anywhere/local-installation';
import { narrator } from './narrator.ts';
import { tellStory } from './story.ts';

const USAGE = `Usage: npm run demo [-- --keep]

Shows how ECR Anywhere works, on the real programs: a webhook and a refresher as processes of their own,
an emulator in place of AWS and a small API server in place of a cluster, all on this machine.

  --keep   leave everything running afterwards, and print the addresses`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(USAGE);
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
    if (values.keep) {
      await keep(installation.aws.endpoint, cluster.kubeconfigFile, installation.replicas[0]?.metricsUrl);
    }
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

async function keep(endpoint: string, kubeconfigFile: string, metricsUrl: string | undefined): Promise<void> {
  console.log(`
Still running, until Ctrl-C:
  API server   kubectl --kubeconfig ${kubeconfigFile} get secrets --namespace test
  AWS          ${endpoint}
  metrics      ${metricsUrl}`);
  await new Promise<void>((ended) => {
    process.once('SIGINT', () => ended());
    process.once('SIGTERM', () => ended());
  });
}

process.exitCode = await main();
