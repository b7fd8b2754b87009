import type { Writable } from 'node:stream';
import type { Environment } from '../settings/environment.ts';

/** Everything that a command-line program may read or write. */
export interface Console {
  readonly args: readonly string[];
  readonly env: Environment;
  /** Reads standard input to its end, and returns the beginning of it. */
  readonly input: () => Promise<string>;
  /** Writes to standard output, without adding a newline. */
  readonly print: (text: string) => void;
  /** Writes a line to standard error. */
  readonly complain: (line: string) => void;
}

/** The exit codes of both programs. */
export const EXIT = {
  ok: 0,
  /** AWS refused, or somebody has to change something. */
  refused: 1,
  /** The call or the settings are wrong. */
  usage: 2,
  /** Waiting may help: EX_TEMPFAIL of sysexits.h. */
  tryLater: 75,
} as const;

/** How many bytes of input are kept. What Docker sends is a few hundred. */
const LONGEST_INPUT = 65_536;

/** The parts of `process` that {@link runHere} uses. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly exit: (code: number) => void;
  readonly once: (signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM', act: () => void) => unknown;
}

/** The exit codes that a shell reports for a program that a signal has ended. */
const BY_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a program in this process and then ends the process, even if something is still in progress. It ends quietly
 * when the reader of its output goes away (`ecr-token … | head`). On a signal it calls `exit`, so that a
 * credential_process is killed as well.
 */
export async function runHere(
  program: (console: Console) => Promise<number>,
  host: Host = process,
): Promise<void> {
  const { argv, env, stdin, stdout, stderr, exit } = host;
  for (const [signal, code] of Object.entries(BY_SIGNAL)) {
    host.once(signal as keyof typeof BY_SIGNAL, () => exit(code));
  }
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    exit(EXIT.ok);
  });
  const code = await program({
    args: argv.slice(2),
    env,
    input: () => beginningOf(stdin),
    print: (text) => void stdout.write(text),
    complain: (line) => void stderr.write(`${line}\n`),
  }).catch((error: unknown) => {
    // A defect of this program. Its message may contain a secret; the lines of its stack do not.
    const stack =
      error instanceof Error ? error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) : [];
    stderr.write(`This is a defect of ecr-token, please report it:\n${stack?.join('\n')}\n`);
    return EXIT.refused;
  });
  await Promise.all([flushed(stdout), flushed(stderr)]);
  exit(code);
}

/** Reads all input, so that the writer does not get EPIPE, and drops what is too much. */
async function beginningOf(stdin: Host['stdin']): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const part = Buffer.from(chunk).subarray(0, LONGEST_INPUT - length);
    length += part.length;
    if (part.length > 0) chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Waits until all output is written: `process.exit` drops the rest. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
