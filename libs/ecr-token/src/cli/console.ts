import type { Writable } from 'node:stream';
import type { Environment } from '../settings/environment.ts';

/** What a command-line program is given: everything that it may read or write. */
export interface Console {
  readonly args: readonly string[];
  readonly env: Environment;
  /** Reads standard input to its end, and gives what it begins with. */
  readonly input: () => Promise<string>;
  /** Writes to standard output as it is, without a newline of its own. */
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

/** Bytes: a host, or what Docker would have kept, is a few hundred. */
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

/** What a shell makes of a program that a signal has ended. */
const BY_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a program in this process and ends that, whatever is still under way. A reader that goes away (`ecr-token … | head`)
 * ends it quietly. So does a signal, which would by itself leave a credential_process behind: that ends with `exit`.
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
    // A defect. Its message may hold anything; where it happened cannot.
    const stack =
      error instanceof Error ? error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) : [];
    stderr.write(`This is a defect of ecr-token, please report it:\n${stack?.join('\n')}\n`);
    return EXIT.refused;
  });
  await Promise.all([flushed(stdout), flushed(stderr)]);
  exit(code);
}

/** All is read, so that whoever writes it meets no closed pipe; what is too much is dropped. */
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

/** Waits until everything that was written has gone out: `process.exit` would drop the rest. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
