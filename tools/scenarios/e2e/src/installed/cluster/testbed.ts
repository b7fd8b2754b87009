import { join } from 'node:path';
import { eventually, workspaceRoot } from '@ecr-anywhere/local-installation';
import type { InstalledCluster } from './cluster.ts';
import { REGISTRY_NODE_PORT } from './aws.ts';
import { command } from './command.ts';

/** The folder of the testbed's files, such as `pki`. Only on the testbed. */
export const testbedFolder = process.env['TESTBED_RUN'] ?? '';

const testbed = (...args: string[]) => command(join(workspaceRoot(), 'tools/testbed/cluster.sh'), args);

/** Restarts a program of the testbed. Until its next restart, it also has the flags. Of a flag given twice, the last one counts. */
export function restart(program: string, flags: readonly string[] = []): Promise<string> {
  return testbed('restart', program, ...flags);
}

/** Lets the testbed's node pull images of one more registry from the stand-in for ECR. */
export function mirror(host: string): Promise<string> {
  return testbed('mirror', host, `http://127.0.0.1:${REGISTRY_NODE_PORT}`);
}

/** Restarts the API server, and waits until it is ready. */
export async function restartApiServer({ api }: InstalledCluster, flags?: readonly string[]): Promise<void> {
  await restart('kube-apiserver', flags);
  await eventually('the API server is back', async () => (await api.get('/readyz')).status === 200, {
    within: 60_000,
  });
}
