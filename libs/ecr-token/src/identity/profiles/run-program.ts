import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import type { Environment } from '../../settings/environment.ts';
import type { Milliseconds } from '../../settings/milliseconds.ts';
import { shellWords } from './shell-words.ts';

/** How a program ended. */
export type Ending =
  | { readonly how: 'exit'; readonly code: number; readonly output: string }
  | { readonly how: 'signal'; readonly signal: string }
  /** `code` is Node's, such as `ENOENT`. */
  | { readonly how: 'not-started'; readonly code: string }
  /** A quotation in its command line is not closed. */
  | { readonly how: 'not-split' }
  | { readonly how: 'too-slow' }
  | { readonly how: 'too-much-output' };

/** The longest output, in characters. */
const LARGEST = 65_536;

/**
 * Runs a command line without a shell, because small images have none. (Windows always has one, with its own rules for
 * quotes.) The program gets no input. Its standard error is dropped, because it may contain secrets.
 *
 * After `limit`, and when this process ends, the program and all its children are killed. For that it gets its own
 * session, so it has no terminal either.
 */
export function runProgram(command: string, env: Environment, limit: Milliseconds): Promise<Ending> {
  return new Promise((resolve) => {
    const child = start(command, env);
    if ('how' in child) return resolve(child);
    const kill = () => killGroup(child);
    const end = (ending: Ending) => {
      clearTimeout(timer);
      process.removeListener('exit', kill);
      resolve(ending);
    };
    const stop = (how: 'too-slow' | 'too-much-output') => {
      kill();
      child.stdout?.destroy(); // a process that has left the group may keep it open
      end({ how });
    };
    const timer = setTimeout(() => stop('too-slow'), limit);
    process.once('exit', kill);
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > LARGEST) stop('too-much-output');
    });
    child.on('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) =>
      end({ how: 'not-started', code }),
    );
    child.on('close', (code, signal) =>
      end(code === null ? { how: 'signal', signal: signal ?? '' } : { how: 'exit', code, output }),
    );
  });
}

function start(command: string, env: Environment): ChildProcess | Ending {
  const options: SpawnOptions = { env: { ...env }, stdio: ['ignore', 'pipe', 'ignore'] };
  const isWindows = process.platform === 'win32';
  const words = isWindows ? [command] : shellWords(command);
  if (words === undefined) return { how: 'not-split' };
  const [file = '', ...args] = words;
  try {
    return isWindows
      ? spawn(file, { ...options, shell: true, windowsHide: true })
      : spawn(file, args, { ...options, detached: true });
  } catch (error) {
    // Node throws some errors and emits others.
    return { how: 'not-started', code: (error as NodeJS.ErrnoException).code ?? 'unknown error' };
  }
}

/** Kills a process and its children: a negative id is that of a process group. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
