// Signal handlers come before any import. Without a handler a signal is lost to process 1 of a container, and kills any other
// process without a message. So this file is small, and loads the rest of the program from other files of the bundle.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(signal));

const { answer } = await import('./command-line.ts');
process.exitCode = answer(process.argv.slice(2));
if (process.exitCode === undefined) {
  const { program } = await import('./program.ts');
  await program(stop.signal);
}
