// Before any import: a signal that comes earlier is lost to process 1, as which a container runs it.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const { program } = await import('./program.ts');
await program(stop.signal);
