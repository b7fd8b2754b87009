import { spawn, type ChildProcess } from 'node:child_process';
import type { Milliseconds } from '../milliseconds.ts';

/** A program to run. */
export interface ProgramOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether it may read from the terminal. */
  readonly isInteractive: boolean;
}

/** How a program ended, and what it printed. */
export interface ProgramResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

const MOST_BYTES = 1_024 * 1_024;

/** Between SIGTERM and SIGKILL. */
const GRACE: Milliseconds = 500;

/**
 * Runs a program without a shell. Its standard error is ours.
 *
 * If the signal aborts, the program is ended, together with the programs that it started. An interactive program shares our
 * process group, because it could not read from the terminal otherwise. Of such a program, only the program itself is ended.
 *
 * @throws Error, whose message continues a sentence that begins with the program's name: `cannot be run (EACCES)`; the
 * signal's reason
 */
export async function runProgram(options: ProgramOptions, signal: AbortSignal): Promise<ProgramResult> {
  signal.throwIfAborted();
  const { file, args, env, isInteractive } = options;
  const hasGroup = !isInteractive && process.platform !== 'win32';
  const child = spawn(file, args, {
    env,
    stdio: [isInteractive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    detached: hasGroup,
  });
  let onAbort: () => void;
  return new Promise<ProgramResult>((resolve, reject) => {
    const fail = (reason: unknown) => {
      endProgram(child, hasGroup);
      reject(reason as Error);
    };
    onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) chunks.push(chunk);
      else fail(new Error(`printed more than ${MOST_BYTES / 1_024 / 1_024} MiB`));
    });
    child.on('error', ({ code }: NodeJS.ErrnoException) => reject(new Error(`cannot be run (${code})`)));
    child.on('close', (code, killedBy) =>
      resolve({ code, signal: killedBy, output: Buffer.concat(chunks).toString() }),
    );
  }).finally(() => signal.removeEventListener('abort', onAbort));
}

function endProgram(child: ChildProcess, hasGroup: boolean): void {
  const { pid } = child;
  child.stdout?.destroy();
  if (pid === undefined) return;
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(hasGroup ? -pid : pid, signal);
    } catch {
      // It has ended already.
    }
  };
  send('SIGTERM');
  setTimeout(send, GRACE, 'SIGKILL');
}
