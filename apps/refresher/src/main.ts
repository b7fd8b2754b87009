// Signal handlers come before any import. Without a handler a signal is lost to process 1 of a container, and kills any other
// process without a message. So this file is small, and loads the rest of the program from other files of the bundle.
const terminated = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => terminated.abort(signal));

// If nobody reads the output any more, as with `refresher | head -1`, the work goes on.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

const args = process.argv.slice(2);
const { helpOrVersion } = await import('./config/help.ts');
const text = helpOrVersion(args);
if (text !== undefined) {
  console.log(text);
} else {
  const { program } = await import('./program.ts');
  process.exitCode = await program(args, process.env, terminated.signal);
}
