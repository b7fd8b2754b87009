import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram, type Exit, type Program } from './program.ts';
import { programFile } from './workspace.ts';

/** The result of one run of the refresher. */
export interface RefresherRun extends Exit {
  readonly output: readonly string[];
  readonly errors: readonly string[];
  /** The termination message, as `kubectl describe` would show it. */
  readonly terminationMessage: string;
}

/** A refresher that is running. */
export interface Refresher {
  readonly program: Program;
  readonly run: Promise<RefresherRun>;
}

export async function startRefresher(
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Refresher> {
  const terminationMessage = join(await mkdtemp(join(folder, 'job-')), 'termination-log');
  const program = startProgram(programFile('refresher'), {
    args,
    cwd: folder,
    env: { TERMINATION_MESSAGE_PATH: terminationMessage, ...env },
  });
  const run = program.ended.then(async (exit) => ({
    ...exit,
    output: program.output,
    errors: program.errors,
    terminationMessage: await readFile(terminationMessage, 'utf8').catch(() => ''),
  }));
  return { program, run };
}
