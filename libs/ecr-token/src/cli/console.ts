import type { Writable } from 'node:stream';
import type { Environment } from '../aws/client-options.ts';

/** What a command-line program is given: everything that it may read or write. */
export interface Console {
  readonly args: readonly string[];
  readonly env: Environment;
  /** Reads standard input to its end. */
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

/** The parts of `process` that {@link runHere} uses. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly exit: (code: number) => void;
}

/**
 * Runs a program in this process and ends that, whatever is still under way: a credential_process that was given up must
 * not keep it alive. A reader that goes away (`ecr-token … | head`) ends it quietly.
 */
export async function runHere(
  program: (console: Console) => Promise<number>,
  { argv, env, stdin, stdout, stderr, exit }: Host = process,
): Promise<void> {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    exit(EXIT.ok);
  });
  const code = await program({
    args: argv.slice(2),
    env,
    input: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
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

/** Waits until everything that was written has gone out: `process.exit` would drop the rest. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
