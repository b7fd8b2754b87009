import { install, startEmbedded, type Embedded } from '@ecr-anywhere/local-installation';
import { heading, number, row, table } from './table.ts';

const SIZES = [1_000, 10_000, 50_000];

// Prints the peak memory of the process when it ends.
const PEAK = 'process.on("exit", () => process.stderr.write(`peak ${process.resourceUsage().maxRSS}\\n`))';

/** Secrets per second and peak memory of the refresher, at several sizes. */
export async function benchRefresher(): Promise<void> {
  heading('3. The refresher');
  table([
    'Secrets',
    'refreshed/s',
    'listed/s, none due',
    'peak memory MB, all due',
    'peak memory MB, none due',
  ]);
  for (const size of SIZES) {
    const cluster = await startEmbedded();
    await fill(cluster, size);
    const installation = await install(cluster);
    const run = async (summary: string) => {
      const started = performance.now();
      const { output, errors, code } = await installation.refresh(['--concurrency', '30'], {
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PEAK)}`,
      });
      const seconds = (performance.now() - started) / 1000;
      if (code !== 0 || !output.at(-1)?.startsWith(summary))
        throw new Error(`${output.at(-1)}\n${errors.join('\n')}`);
      const peak = Number(/peak (\d+)/.exec(errors.join('\n'))?.[1]) / 1000;
      return { rate: size / seconds, peak };
    };
    const due = await run(`checked ${size}, due ${size}, refreshed ${size}, failed 0`);
    const fresh = await run(`checked ${size}, due 0, refreshed 0, failed 0`);
    row([
      number(size, 0),
      number(due.rate, 0),
      number(fresh.rate, 0),
      number(due.peak, 0),
      number(fresh.peak, 0),
    ]);
    await installation.uninstall();
    await cluster.stop();
  }
}

/** Secrets that existed before the installation: all of them are due. */
async function fill({ api }: Embedded, size: number): Promise<void> {
  const namespaces = Array.from({ length: 20 }, (_, index) => `team-${index}`);
  for (const name of namespaces) {
    await api.create('/api/v1/namespaces', {
      metadata: { name, labels: { 'ecr-anywhere.centml.ai/namespace': 'enabled' } },
    });
  }
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < size; index = next++) {
      const { status, body } = await api.create(
        `/api/v1/namespaces/${namespaces[index % namespaces.length]}/secrets`,
        {
          metadata: { name: `pull-${index}`, labels: { 'ecr-anywhere.centml.ai/managed': 'true' } },
          type: 'kubernetes.io/dockerconfigjson',
          data: { '.dockerconfigjson': Buffer.from('{}').toString('base64') },
        },
      );
      if (status !== 201) throw new Error(body.message);
    }
  };
  await Promise.all(Array.from({ length: 30 }, lane));
}
