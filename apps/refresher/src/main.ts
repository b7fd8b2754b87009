// Before any import: a signal that comes earlier is lost to process 1, as which a container runs it, and kills any other
// process without a word. So this file is small, and the rest of the program is in other files of the bundle.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(signal));

// Whoever reads what we print may go away: the work goes on.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

const args = process.argv.slice(2);
const { printedAtOnce } = await import('./config/help.ts');
const text = printedAtOnce(args);
if (text !== undefined) {
  console.log(text);
} else {
  const { program } = await import('./program.ts');
  process.exitCode = await program(args, stop.signal);
}
