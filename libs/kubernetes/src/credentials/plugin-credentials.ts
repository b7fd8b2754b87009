import type { Plugin } from '../kubeconfig/access.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import type { Credentials } from './credentials.ts';
import { readExecCredential, type ExecCredential } from './exec-credential.ts';
import { execInfo } from './exec-info.ts';
import { findProgram } from './find-program.ts';
import { runProgram } from './run-program.ts';

/** How a plugin is run. */
export interface PluginOptions {
  /** Whether the plugin may ask the user. */
  readonly isTerminal: boolean;
  /** Ends the plugin and the programs that it started. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * Credentials that a program prints. They are used until they expire, or until the API server rejects them. Concurrent
 * callers wait for the same run. After a failure the program is not run again: thousands of requests would each wait for it.
 */
export function pluginCredentials(plugin: Plugin, options: PluginOptions): Credentials {
  const { clock = Date.now } = options;
  let run: Promise<ExecCredential> | undefined;
  let current: ExecCredential | undefined;
  const isExpired = () => current?.expiresAt !== undefined && clock() > current.expiresAt;
  return {
    async get() {
      if (isExpired()) run = current = undefined;
      run ??= runPlugin(plugin, options).then((credential) => (current = credential));
      return (await run).credentials;
    },
    reject(credentials) {
      // If several requests were rejected, the plugin is run once.
      if (current?.credentials === credentials) run = current = undefined;
      return true;
    },
  };
}

async function runPlugin(plugin: Plugin, { isTerminal, signal }: PluginOptions): Promise<ExecCredential> {
  const { exec, env, field } = plugin;
  const { command, interactiveMode, installHint } = exec;
  if (interactiveMode === 'Always' && !isTerminal)
    throw new AccessError(
      `${field}: ${command} has to ask the user (interactiveMode: Always), and standard input is not a terminal`,
    );
  const isInteractive = interactiveMode !== 'Never' && isTerminal;
  const file = findProgram(command, env['PATH'] ?? '');
  if (file === undefined)
    throw new AccessError(
      `${field}: there is no program ${command} on the PATH${installHint ? `; ${installHint}` : ''}`,
    );
  const variables = exec.env.map(({ name, value }) => [name, value ?? '']);
  const ended = await runProgram(
    {
      file,
      args: exec.args,
      env: {
        ...env,
        ...Object.fromEntries(variables),
        KUBERNETES_EXEC_INFO: execInfo(plugin, isInteractive),
      },
      isInteractive,
    },
    signal,
  ).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new AccessError(`${field}: ${command} ${(error as Error).message}`);
  });
  if (ended.signal !== null) throw new AccessError(`${field}: ${command} was ended by ${ended.signal}`);
  if (ended.code !== 0) throw new AccessError(`${field}: ${command} failed with exit code ${ended.code}`);
  return readExecCredential(ended.output, plugin);
}
