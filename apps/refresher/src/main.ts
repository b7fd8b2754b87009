// Before any import: a signal that comes earlier is lost to process 1, as which a container runs it, and kills any other
// process without a word. So this file is small, and the rest of the program is another file of the bundle.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(signal));

const { program } = await import('./program.ts');
process.exitCode = await program(process.argv.slice(2), stop.signal);
// What hangs all the same, such as reading a pipe that nobody writes to, must not keep the process.
setTimeout(() => process.exit(), 1_000).unref();
