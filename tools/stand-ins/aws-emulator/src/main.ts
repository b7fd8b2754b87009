// Before any import: the emulator is process 1 of its container, and process 1 ignores a signal without a handler.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const { answer } = await import('./command-line.ts');
process.exitCode = answer(process.argv.slice(2));
if (process.exitCode === undefined) {
  const { program } = await import('./program.ts');
  await program(stop.signal);
}
