import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testbedPrograms, workspaceRoot, type Cluster } from '@ecr-anywhere/local-installation';

/** The namespace of the objects. */
export const CHART_NAMESPACE = 'ecr-anywhere';

const CHART = join(workspaceRoot(), 'charts', 'ecr-anywhere');

/** What kubectl does with the objects of some templates of the chart on a real cluster. */
export async function chartObjects(
  { kubeconfigFile }: Pick<Cluster, 'kubeconfigFile'>,
  verb: 'apply' | 'delete',
  values: readonly string[],
  templates: readonly string[],
): Promise<void> {
  const flags = ['aws.region=us-east-1', 'callers.mode=none', ...values].flatMap((value) => ['--set', value]);
  const shown = templates.flatMap((template) => ['--show-only', `templates/${template}.yaml`]);
  const render = ['template', 'ecr-anywhere', CHART, '--namespace', CHART_NAMESPACE, ...flags, ...shown];
  const { stdout } = await promisify(execFile)(join(testbedPrograms(), 'helm'), render);
  await kubectl(kubeconfigFile, [verb, '-f', '-'], stdout);
}

/** A token of a service account, as its pods have it. */
export async function tokenOf(
  { kubeconfigFile }: Pick<Cluster, 'kubeconfigFile'>,
  account: string,
): Promise<string> {
  return (await kubectl(kubeconfigFile, ['-n', CHART_NAMESPACE, 'create', 'token', account])).trim();
}

async function kubectl(kubeconfigFile: string, args: readonly string[], input?: string): Promise<string> {
  const running = promisify(execFile)(join(testbedPrograms(), 'kubectl'), [
    '--kubeconfig',
    kubeconfigFile,
    ...args,
  ]);
  running.child.stdin?.end(input);
  return (await running).stdout;
}
