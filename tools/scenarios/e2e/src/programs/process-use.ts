import { readFile } from 'node:fs/promises';

/** The memory and CPU of a process. Linux only. */
export interface ProcessUse {
  /** The peak of its own memory in bytes. Memory that is mapped from files does not count: the kernel can drop it. */
  readonly peak: number;
  /** CPU seconds, user and system. */
  cpu(): Promise<number>;
  stop(): void;
}

/** The unit of CPU times in seconds; the same on every Linux. */
const TICK = 1 / 100;

export function processUse(pid: number): ProcessUse {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  let peak = 0;
  const look = async () => {
    const own = /^RssAnon:\s+(\d+) kB$/m.exec(await read('status'))?.[1] ?? 0;
    peak = Math.max(peak, Number(own) * 1024);
  };
  const timer = setInterval(() => void look(), 10);
  return {
    get peak() {
      return peak;
    },
    async cpu() {
      // The fields after the program's name, which may have spaces; see proc(5).
      const fields = (await read('stat')).split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK;
    },
    stop: () => clearInterval(timer),
  };
}
