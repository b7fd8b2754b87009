// Before any import: a signal that comes earlier is lost to process 1, as which a container runs it.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const { answer } = await import('./command-line.ts');
process.exitCode = answer(process.argv.slice(2));
if (process.exitCode === undefined) {
  const { program } = await import('./program.ts');
  await program(stop.signal);
}
