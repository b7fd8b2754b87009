import { formatDuration, SettingsError } from '@ecr-anywhere/settings';
import { apiClient, type ApiAnswer, type ApiCall } from './api-client.ts';
import { check } from './check.ts';
import { readConfig, terminationMessagePath, USAGE, type Config } from './config.ts';
import { loadKubeConfig } from './kube-config.ts';
import { KubernetesError } from './kubernetes.ts';
import { objectsApi } from './objects.ts';
import { refresh } from './refresh.ts';
import { leaveMessage } from './termination-message.ts';

/** How long requests that are under way may take once the run is to end. */
const LAST_WORDS = 5_000;

/** A new installation is called by the API server after some seconds. */
const CHECK_PATIENCE = 60_000;

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
  const { deadline } = config;
  if (deadline !== undefined) {
    const early = Math.min(LAST_WORDS, deadline / 2);
    setTimeout(() => end(`deadline of ${formatDuration(deadline)}`), deadline - early).unref();
  }
  const call = apiClient({
    kubeConfig: loadKubeConfig(config.kubeconfig, config.context),
    timeout: config.requestTimeout,
    signal: giveUp.signal,
  });
  try {
    return await carryOut(config, call, stop.signal);
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    const message = `The run could not be made: ${error.message}${remedy(error, config)}`;
    console.error(message);
    leaveMessage(config.terminationMessagePath, message);
    return 2;
  }
}

async function carryOut(
  config: Config,
  call: (call: ApiCall) => Promise<ApiAnswer>,
  signal: AbortSignal,
): Promise<number> {
  const { command } = config;
  switch (command.kind) {
    case 'refresh':
      return refresh(config, call, signal);
    case 'check': {
      const { isFilled, message } = await check({
        objects: objectsApi(call),
        namespace: command.namespace,
        patience: CHECK_PATIENCE,
        clock: Date.now,
        signal,
      });
      console.log(message);
      leaveMessage(config.terminationMessagePath, message);
      return isFilled ? 0 : 1;
    }
    case 'delete-secrets':
      for (const { namespace, name } of command.secrets) {
        const wasThere = await objectsApi(call).deleteSecret(namespace, name);
        console.log(`${namespace}/${name} ${wasThere ? 'is deleted' : 'was not there'}`);
      }
      return 0;
  }
}

function remedy({ failure }: KubernetesError, { command }: Config): string {
  switch (failure) {
    case 'forbidden':
      return command.kind === 'refresh'
        ? '; give the service account list on namespaces, and list and patch on secrets'
        : '; look at the Role of the service account';
    case 'unauthorized':
      return '; check the credentials of the kubeconfig, or the token of the service account';
    default:
      return '';
  }
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof SettingsError ? error.message : error);
    if (error instanceof SettingsError) leaveMessage(terminationMessagePath(process.env), error.message);
    process.exitCode = 2;
  },
);
