import type { Plugin } from '../kubeconfig/access.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import type { Credentials } from './credentials.ts';
import { readExecCredential, type ExecCredential } from './exec-credential.ts';
import { execInfo } from './exec-info.ts';
import { findProgram } from './find-program.ts';
import { runProgram } from './run-program.ts';

/** What a plugin is run with. */
export interface PluginOptions {
  /** Whether somebody can type. */
  readonly isTerminal: boolean;
  /** Ends the plugin, and what it has started. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * Credentials that a program prints. They are used until they end, or are refused. Whoever asks while the program runs
 * waits for the same run. After a failure it is not run again: thousands of requests would each wait for the next failure.
 */
export function pluginCredentials(plugin: Plugin, options: PluginOptions): Credentials {
  const { clock = Date.now } = options;
  let run: Promise<ExecCredential> | undefined;
  let current: ExecCredential | undefined;
  const isOver = () => current?.end !== undefined && clock() > current.end;
  return {
    async current() {
      if (isOver()) run = current = undefined;
      run ??= printedBy(plugin, options).then((credential) => (current = credential));
      return (await run).shown;
    },
    refused(shown) {
      // Of several requests under way, the first has it renewed.
      if (current?.shown === shown) run = current = undefined;
      return true;
    },
  };
}

async function printedBy(plugin: Plugin, { isTerminal, signal }: PluginOptions): Promise<ExecCredential> {
  const { exec, env, field } = plugin;
  const { command, interactiveMode, installHint } = exec;
  if (interactiveMode === 'Always' && !isTerminal)
    throw new AccessError(
      `${field}: ${command} has to ask somebody (interactiveMode: Always), and this is no terminal`,
    );
  const isInteractive = interactiveMode !== 'Never' && isTerminal;
  const file = findProgram(command, env['PATH'] ?? '');
  if (file === undefined)
    throw new AccessError(
      `${field}: there is no program ${command} on the PATH${installHint ? `; ${installHint}` : ''}`,
    );
  const given = exec.env.map(({ name, value }) => [name, value ?? '']);
  const ended = await runProgram(
    {
      file,
      args: exec.args,
      env: { ...env, ...Object.fromEntries(given), KUBERNETES_EXEC_INFO: execInfo(plugin, isInteractive) },
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
