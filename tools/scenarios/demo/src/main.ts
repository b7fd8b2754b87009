import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { answer, parse, type Flags } from './command-line.mjs';
import { keep } from './keep.ts';
import type { Paragraph } from './layout.ts';
import { narrator } from './narrator.ts';
import { draw } from './recording.ts';
import { tellStory } from './story.ts';
import { terminal } from './terminal.ts';

/** The exit code after a signal. Nobody reads the output any more after EPIPE, as with `npm run demo | head`. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, EPIPE: 0 };
type Reason = keyof typeof EXIT_CODES;

const stop = new AbortController();
// npm passes on the Ctrl-C that the terminal sends to all processes. So it comes twice, and the handlers have to stay.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(signal));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort('EPIPE'));

const args = process.argv.slice(2);
process.exitCode = answer(args, process.env) ?? (await run(parse(args)));

/** Tells the story. @returns the exit code */
async function run(flags: Flags): Promise<number> {
  const story: Paragraph[] = [];
  const print = terminal(process.stdout, hasColours());
  const tell = narrator((paragraph) => {
    story.push(paragraph);
    print(paragraph);
  }, stop.signal);
  const folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-demo-'));
  let cluster: Cluster | undefined;
  let installation: Installation | undefined;
  try {
    cluster = await startEmbedded();
    installation = await tellStory(cluster, folder, tell, stop.signal);
    if (flags.record !== undefined) await writeFile(flags.record, draw(story));
    console.log();
    if (flags.keep) await keep(installation, folder, (line) => console.log(line), stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) {
      console.error(`\nThe story failed. ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    }
  } finally {
    await installation?.uninstall();
    await cluster?.stop();
    await rm(folder, { recursive: true });
  }
  if (stop.signal.aborted) console.log(); // the terminal shows ^C
  console.log('Everything that the demo started has ended.');
  return stop.signal.aborted && !flags.keep ? EXIT_CODES[stop.signal.reason as Reason] : 0;
}

function hasColours(): boolean {
  return process.env['FORCE_COLOR'] === '1' || (process.stdout.isTTY && process.stdout.hasColors());
}
