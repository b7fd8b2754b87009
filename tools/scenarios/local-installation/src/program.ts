import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How to start a program. */
export interface ProgramOptions {
  readonly command?: string;
  readonly args?: readonly string[];
  /** A command that executes the command that its arguments name, such as `sh -c 'exec "$@"'`. */
  readonly through?: readonly string[];
  /** The whole environment, except PATH. The program inherits nothing else, so no AWS settings of the user. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A file for standard output. This process then does not spend time on reading it. */
  readonly outputFile?: string;
}

/** A running program and its output. */
export interface Program {
  readonly pid: number;
  /** Lines of standard output so far. */
  readonly output: readonly string[];
  /** Lines of standard error so far. */
  readonly errors: readonly string[];
  /** Resolves when the program has ended and all its output is read. */
  readonly ended: Promise<Exit>;
  /** Whether it is still running. */
  readonly running: boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sends SIGTERM, and SIGKILL after `patience` milliseconds. */
  stop(patience?: number): Promise<Exit>;
}

/** The flags of Node, the same as in the images: small heaps. */
export const NODE_FLAGS = ['--max-old-space-size=80', '--max-semi-space-size=4'];

/** Starts `node file …`, or `command` if given. */
export function startProgram(file: string | undefined, options: ProgramOptions = {}): Program {
  const { command = process.execPath, args = [], through = [], env = {}, cwd, outputFile } = options;
  const whole = [...through, command, ...(file === undefined ? [] : [...NODE_FLAGS, file]), ...args];
  const child = spawn(whole[0] ?? '', whole.slice(1), {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', outputFile === undefined ? 'pipe' : openSync(outputFile, 'a'), 'pipe'],
  });
  const output: string[] = [];
  const errors: string[] = [];
  const ended = end(child, output, errors);
  ended.catch(() => undefined); // the caller gets the error when it waits; a program that nobody waits for may fail
  return {
    pid: child.pid ?? -1,
    get output() {
      return outputFile === undefined ? output : readFileSync(outputFile, 'utf8').split('\n');
    },
    errors,
    ended,
    get running() {
      return child.exitCode === null && child.signalCode === null;
    },
    signal: (signal) => void child.kill(signal),
    async stop(patience = 10_000) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), patience);
      return ended.finally(() => clearTimeout(late));
    },
  };
}

async function end(child: ChildProcess, output: string[], errors: string[]): Promise<Exit> {
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => output.push(line));
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal };
}
