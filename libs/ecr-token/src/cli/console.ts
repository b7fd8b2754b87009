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

/** Runs a program in this process. A reader that goes away (`ecr-token … | head`) ends it quietly. */
export function runHere(program: (console: Console) => Promise<number>): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  program({
    args: process.argv.slice(2),
    env: process.env,
    input: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    },
    print: (text) => process.stdout.write(text),
    complain: (line) => process.stderr.write(`${line}\n`),
  }).then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      // A defect. Its message may hold anything; where it happened cannot.
      const stack =
        error instanceof Error ? error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)) : [];
      process.stderr.write(`This is a defect of ecr-token, please report it:\n${stack?.join('\n')}\n`);
      process.exitCode = EXIT.refused;
    },
  );
}
