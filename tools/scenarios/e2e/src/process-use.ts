import { readFile } from 'node:fs/promises';

/** What a process uses, where the kernel tells. */
export interface ProcessUse {
  /** The most memory of its own that it has had, in bytes: what it maps from files can be dropped at any time. */
  readonly peak: number;
  /** Seconds of CPU, in its own code and in the kernel's. */
  cpu(): Promise<number>;
  stop(): void;
}

/** Of a second; the same on every Linux of today. */
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
      // Behind the name of the program, which may hold spaces; see proc(5).
      const fields = (await read('stat')).split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK;
    },
    stop: () => clearInterval(timer),
  };
}
