import { cpus, totalmem, type } from 'node:os';

/** The machine of the measurements, in a sentence. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores of ${cpu?.model ?? 'an unknown processor'}, ${memory} GiB, ${type()}, Node ${process.version}.`;
}
