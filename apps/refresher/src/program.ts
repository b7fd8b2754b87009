import { addAbortListener } from 'node:events';
import {
  apiClient,
  KubernetesError,
  serverClock,
  type ApiAnswer,
  type ApiCall,
  type ServerClock,
} from '@ecr-anywhere/kubernetes';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import { formatDuration, SettingsError } from '@ecr-anywhere/settings';
import { check, checkText } from './commands/check.ts';
import { clusterAccess } from './kubernetes/cluster-access.ts';
import { outputOf, readConfig, terminationMessagePath, type Config } from './config/config.ts';
import { deleteSecrets } from './commands/delete-secrets.ts';
import { objectsApi } from './kubernetes/own-secrets.ts';
import { refresh } from './commands/refresh.ts';
import { withRemedies } from './kubernetes/remedies.ts';
import { leaveMessage } from './report/termination-message.ts';

/** How long requests that are under way may take once the run is to end. */
const LAST_WORDS: Milliseconds = 5_000;

/** A new installation is called by the API server after some seconds. */
const CHECK_PATIENCE: Milliseconds = 60_000;

/** Does what the arguments say, and gives the exit code. */
export async function program(args: readonly string[], told: AbortSignal): Promise<number> {
  try {
    return await main(args, told);
  } catch (error) {
    tellError(error, args);
    return 2;
  }
}

async function main(args: readonly string[], told: AbortSignal): Promise<number> {
  const config = readConfig(args, process.env);
  const stop = new AbortController();
  const giveUp = new AbortController();
  const end = (why: string, patience: Milliseconds) => {
    if (stop.signal.aborted) return;
    stop.abort(why);
    setTimeout(() => giveUp.abort(new Error(why)), patience).unref();
  };
  addAbortListener(told, () => end(String(told.reason), LAST_WORDS));
  const { deadline } = config;
  if (deadline !== undefined) {
    const early = Math.min(LAST_WORDS, deadline / 2);
    const why = `deadline of ${formatDuration(deadline)}`;
    // Counted from the start of the process.
    setTimeout(() => end(why, early), deadline - early - performance.now()).unref();
    // Also where it was told to end shortly before.
    setTimeout(() => giveUp.abort(new Error(why)), deadline - performance.now()).unref();
  }
  const { kubeconfig, context, accessNames } = config;
  const access = await clusterAccess(
    { kubeconfig, context, env: process.env, signal: giveUp.signal },
    accessNames,
  );
  const clock = serverClock(Date.now);
  const client = apiClient({
    access,
    timeout: config.requestTimeout,
    userAgent: 'ecr-anywhere-refresher',
    signal: giveUp.signal,
    clock,
  });
  const call = withRemedies(client, config.command.kind);
  try {
    return await carryOut(config, call, clock, stop.signal);
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    const ended = stop.signal.aborted ? `${String(stop.signal.reason)}; ` : '';
    throw new CannotRun(`The run could not be made: ${ended}${error.message}`);
  }
}

/** Why nothing was done. The message is for the user. */
class CannotRun extends Error {}

async function carryOut(
  config: Config,
  call: (call: ApiCall) => Promise<ApiAnswer>,
  clock: ServerClock,
  signal: AbortSignal,
): Promise<number> {
  const { command } = config;
  switch (command.kind) {
    case 'refresh':
      return refresh(config, call, clock, signal);
    case 'check': {
      const { namespace } = command;
      const result = await check({
        objects: objectsApi(call),
        namespace,
        patience: CHECK_PATIENCE,
        clock: Date.now,
        signal,
      });
      console.log(checkText(result, namespace, config.output));
      leaveMessage(config.terminationMessagePath, result.message);
      return result.isFilled ? 0 : 1;
    }
    case 'delete-secrets':
      await deleteSecrets({
        objects: objectsApi(call),
        secrets: command.secrets,
        output: config.output,
        write: (line) => console.log(line),
      });
      return 0;
  }
}

/** Tells why the run could not be made: where its result would stand, and in the termination message. */
function tellError(error: unknown, args: readonly string[]): void {
  const isForUser = error instanceof CannotRun || error instanceof SettingsError;
  if (!isForUser) console.error(error);
  const name = error instanceof Error ? error.name : typeof error;
  const message = isForUser ? error.message : `The refresher has a defect (${name}); its log says where`;
  if (outputOf(args, process.env) === 'json') console.log(JSON.stringify({ error: message }));
  else console.error(message);
  leaveMessage(terminationMessagePath(process.env), message);
}
