import { join } from 'node:path';
import { eventually, workspaceRoot } from '@ecr-anywhere/local-installation';
import type { InstalledCluster } from './cluster.ts';
import { command } from './command.ts';

/** The folder of the testbed's files, such as `pki`. Only on the testbed. */
export const testbedFolder = process.env['TESTBED_RUN'] ?? '';

/** Restarts a program of the testbed. Until its next restart, it also has the flags. Of a flag given twice, the last one counts. */
export function restart(program: string, flags: readonly string[] = []): Promise<string> {
  return command(join(workspaceRoot(), 'tools/testbed/cluster.sh'), ['restart', program, ...flags]);
}

/** Restarts the API server, and waits until it is ready. */
export async function restartApiServer({ api }: InstalledCluster, flags?: readonly string[]): Promise<void> {
  await restart('kube-apiserver', flags);
  await eventually('the API server is back', async () => (await api.get('/readyz')).status === 200, {
    within: 60_000,
  });
}
