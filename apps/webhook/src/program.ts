import { addAbortListener } from 'node:events';
import { SettingsError } from '@ecr-anywhere/settings';
import { callSites } from './operations/call-sites.ts';
import { readConfig, type Config } from './config.ts';
import { openLog } from './operations/log.ts';
import { startWebhook, type Webhook } from './start-webhook.ts';

/** Serves until the signal, then drains and ends the process. */
export async function program(stop: AbortSignal): Promise<void> {
  // The SDK warns that its next versions need a newer Node. The version in the bundle does not.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const config = configOf(process.env);
  if (config === undefined) return;
  const { log, close } = openLog(config.logLevel);
  // With process.exitCode alone, whatever is still open would keep the process running.
  const end = async (code: number): Promise<never> => {
    await close();
    process.exit(code);
  };

  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal(
        { event, error: error instanceof Error ? error.name : typeof error, stack: callSites(error) },
        'the program has a defect and ends',
      );
      void end(1);
    });
  }
  let webhook: Webhook | undefined;
  startWebhook(config, log).then(
    // A signal that came while it was starting is handled first.
    (started) => setImmediate(() => (webhook = started)),
    (error: unknown) => {
      console.error(startText(error, config));
      return end(2);
    },
  );
  const signal = await reasonToStop(stop);
  log.info({ signal }, 'shutting down');
  for (const again of ['SIGINT', 'SIGTERM'] as const) process.once(again, () => void end(1)); // at once
  await webhook?.stop(); // undefined while it is starting: it serves nobody yet
  log.info('shut down');
  await end(0);
}

function configOf(env: NodeJS.ProcessEnv): Config | undefined {
  try {
    return readConfig(env);
  } catch (error) {
    console.error(error instanceof SettingsError ? error.message : error);
    process.exitCode = 2;
    return undefined;
  }
}

/** Why the program cannot start. */
function startText(error: unknown, config: Config): unknown {
  if (error instanceof SettingsError) return error.message;
  return isListening(error) ? portText(error, config) : error;
}

/** Node leaves out port 0. */
type ListenError = NodeJS.ErrnoException & { port?: number };

function isListening(error: unknown): error is ListenError {
  return (error as { syscall?: unknown }).syscall === 'listen';
}

/** Why the program cannot listen on a port. */
function portText({ code, port = 0 }: ListenError, config: Config): string {
  const name = port === config.port ? 'PORT' : 'PROBE_PORT';
  if (code === 'EADDRNOTAVAIL')
    return `LISTEN_ADDRESS: this machine does not have the address ${config.listenAddress}`;
  return code === 'EADDRINUSE'
    ? `${name}: ${port} is in use by another program`
    : `${name}: the program cannot listen on ${port} (${code})`;
}

/** Resolves with the reason of the signal, also if it was aborted before. */
function reasonToStop(stop: AbortSignal): Promise<string> {
  return new Promise((resolve) => addAbortListener(stop, () => resolve(String(stop.reason))));
}
