import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { formatDuration, SettingsError } from '@ecr-anywhere/settings';
import { apiClient } from './api-client.ts';
import { readConfig, USAGE, type Config } from './config.ts';
import { kubernetesApi } from './kubernetes-api.ts';
import { KubernetesError } from './kubernetes.ts';
import { isSuccess, lastLine, report } from './report.ts';
import { run } from './run.ts';

/** How long requests that are under way may take once the run is to end. */
const LAST_WORDS = 5_000;
const LONGEST_MESSAGE = 4_096;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const config = readConfig(args, process.env);
  const stop = new AbortController();
  const giveUp = new AbortController();
  const end = (why: string) => {
    if (stop.signal.aborted) return;
    stop.abort(why);
    setTimeout(() => giveUp.abort(new Error(why)), LAST_WORDS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(signal));
  if (config.deadline !== undefined) {
    setTimeout(() => end(`deadline of ${formatDuration(config.deadline ?? 0)}`), config.deadline).unref();
  }

  const told = report({
    output: config.output,
    dryRun: config.dryRun,
    write: (line) => console.log(line),
    progress: process.stderr.isTTY && config.output === 'text' ? progressLine : undefined,
    clock: Date.now,
  });
  try {
    const call = apiClient({
      kubeConfig: kubeConfigOf(config),
      timeout: config.requestTimeout,
      signal: giveUp.signal,
    });
    const result = await run({
      kubernetes: kubernetesApi(call, config.pageSize),
      namespaces: config.namespaces,
      concurrency: config.concurrency,
      dryRun: config.dryRun,
      policy: { threshold: config.threshold, configHash: config.configHash, force: config.force },
      clock: Date.now,
      signal: stop.signal,
      onOutcome: told.outcome,
    });
    told.end(result);
    leaveMessage(config, lastLine(result));
    return config.dryRun || isSuccess(result) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    const message = `The run could not be made: ${error.message}${remedy(error)}`;
    console.error(message);
    leaveMessage(config, message);
    return 2;
  }
}

function kubeConfigOf({ kubeconfig, context }: Config): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    if (kubeconfig === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(kubeconfig);
    if (context !== undefined) kubeConfig.setCurrentContext(context);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError([
      `KUBECONFIG: ${kubeconfig ?? 'the default'} cannot be used (${code ?? 'it is malformed'})`,
    ]);
  }
  if (!kubeConfig.getCurrentCluster())
    throw new SettingsError(['KUBE_CONTEXT: the kubeconfig has no such context or cluster']);
  return kubeConfig;
}

function remedy({ failure }: KubernetesError): string {
  switch (failure) {
    case 'forbidden':
      return '; give the service account list on namespaces, and list and patch on secrets';
    case 'unauthorized':
      return '; check the credentials of the kubeconfig, or the token of the service account';
    default:
      return '';
  }
}

/** What `kubectl describe` shows of the container that ended. */
function leaveMessage({ terminationMessagePath: path }: Config, message: string): void {
  if (!existsSync(dirname(path)) || (path === '/dev/termination-log' && !existsSync(path))) return;
  try {
    writeFileSync(path, Buffer.from(message).subarray(0, LONGEST_MESSAGE));
  } catch (error) {
    console.error(
      `The termination message could not be written to ${path} (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

function progressLine(line: string): void {
  process.stderr.write(`\r\u001b[K${line}`);
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof SettingsError ? error.message : error);
    process.exitCode = 2;
  },
);
