import {
  apiClient,
  KubernetesError,
  serverClock,
  type ApiClient,
  type ServerClock,
} from '@ecr-anywhere/kubernetes';
import { SettingsError, type Milliseconds, type Settings } from '@ecr-anywhere/settings';
import { checkNames, checkNamesCode, checkNamesText } from './commands/check-names.ts';
import { check, checkText } from './commands/check.ts';
import { deleteSecrets } from './commands/delete-secrets.ts';
import { refresh } from './commands/refresh.ts';
import { outputFormat, readConfig, terminationMessagePath, type Config } from './config/config.ts';
import { findClusterAccess } from './kubernetes/cluster-access.ts';
import { managedSecretsApi } from './kubernetes/managed-secrets.ts';
import { namespacesApi } from './kubernetes/namespaces.ts';
import { ownSecretsApi } from './kubernetes/own-secrets.ts';
import { withRemedies } from './kubernetes/remedies.ts';
import { webhookConfigurationsApi } from './kubernetes/webhook-configurations.ts';
import { writeTerminationMessage } from './report/termination-message.ts';
import { stopSignals } from './stop-signals.ts';

/** The API server needs some seconds before it calls a webhook that was just installed. */
const CHECK_PATIENCE: Milliseconds = 60_000;

/**
 * Does what the arguments say.
 *
 * @param terminated - aborted by SIGTERM or SIGINT
 * @returns the exit code
 */
export async function program(
  args: readonly string[],
  env: Settings,
  terminated: AbortSignal,
): Promise<number> {
  try {
    return await main(args, env, terminated);
  } catch (error) {
    printError(error, args, env);
    return 2;
  }
}

async function main(args: readonly string[], env: Settings, terminated: AbortSignal): Promise<number> {
  const config = readConfig(args, env);
  const { stop, giveUp } = stopSignals(terminated, config.deadline);
  const access = await findClusterAccess(config, env, giveUp);
  const clock = serverClock(Date.now);
  const client = apiClient({
    access,
    timeout: config.requestTimeout,
    userAgent: 'ecr-anywhere-refresher',
    signal: giveUp,
    clock,
  });
  try {
    return await runCommand(config, withRemedies(client, config), clock, stop);
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    const ended = stop.aborted ? `${String(stop.reason)}; ` : '';
    throw new CannotRun(`The refresher cannot run: ${ended}${error.message}`);
  }
}

/** Nothing was done. The message is for the user. */
class CannotRun extends Error {}

async function runCommand(
  config: Config,
  call: ApiClient,
  clock: ServerClock,
  signal: AbortSignal,
): Promise<number> {
  const { command, output } = config;
  switch (command.kind) {
    case 'refresh':
      return refresh(config, call, clock, signal);
    case 'check': {
      const { namespace, configuration } = command;
      const place = { namespace, name: config.secretNames[0] ?? 'ecr-secret' };
      const result = await check({
        secrets: ownSecretsApi(call),
        ...place,
        profile: config.checkProfile,
        configurations: webhookConfigurationsApi(call, config.pageSize),
        configuration,
        patience: CHECK_PATIENCE,
        clock: Date.now,
        signal,
      });
      console.log(checkText(result, place, output));
      writeTerminationMessage(config.terminationMessagePath, result.message);
      return result.isFilled ? 0 : 1;
    }
    case 'check-names': {
      const { pageSize, namespaces, namespaceLabels, secretNames, nameOf } = config;
      const result = await checkNames({
        cluster: { ...namespacesApi(call, pageSize), ...managedSecretsApi(call, pageSize) },
        namespaces,
        namespaceLabels,
        namespacesSetting: nameOf('NAMESPACES'),
        secretNames,
        secretNamesSetting: nameOf('SECRET_NAMES'),
        signal,
      });
      console.log(checkNamesText(result, output));
      writeTerminationMessage(config.terminationMessagePath, result.message);
      return checkNamesCode(result);
    }
    case 'delete-secrets': {
      const { secrets } = command;
      await deleteSecrets({ api: ownSecretsApi(call), secrets, output, write: (line) => console.log(line) });
      return 0;
    }
  }
}

/** Prints why the program cannot run, and writes it to the termination message. */
function printError(error: unknown, args: readonly string[], env: Settings): void {
  const isForUser = error instanceof CannotRun || error instanceof SettingsError;
  if (!isForUser) console.error(error);
  const name = error instanceof Error ? error.name : typeof error;
  const message = isForUser ? error.message : `This is a defect of the refresher (${name}); see its log`;
  if (outputFormat(args, env) === 'json') console.log(JSON.stringify({ error: message }));
  else console.error(message);
  writeTerminationMessage(terminationMessagePath(env), message);
}
