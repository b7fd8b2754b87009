import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { KubernetesObject } from '@ecr-anywhere/local-installation';
import type { Testbed } from './testbed.ts';

/** The CPU and memory of some pods. Pods of the testbed are processes of this machine. */
export interface PodUsage {
  /** CPU seconds of all processes since their start. */
  cpuSeconds(): number;
  /** The largest resident memory of one process since `forgetPeaks`, in bytes. */
  peak(): number;
  forgetPeaks(): void;
}

const TICKS_PER_SECOND = 100;

export async function usageOfPods({ api }: Testbed, namespace: string, label: string): Promise<PodUsage> {
  const selector = encodeURIComponent(label);
  const { body } = await api.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  const uids = (body['items'] as KubernetesObject[]).map(({ metadata }) => String(metadata?.['uid']));
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isProgramOf(name, uids));
  if (processes.length !== uids.length)
    throw new Error(`${uids.length} pods of ${namespace} have ${processes.length} processes`);
  return {
    cpuSeconds: () => sum(processes.map(cpuSecondsOf)),
    peak: () => Math.max(...processes.map(peakOf)),
    forgetPeaks() {
      for (const pid of processes) writeFileSync(`/proc/${pid}/clear_refs`, '5');
    },
  };
}

/** The used and the available CPU seconds of this machine since its start. */
export function machineCpu(): { readonly busy: number; readonly all: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, ...rest] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)
    .join()
    .split(/\s+/)
    .slice(1, 9) // user time already includes the other fields
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  const busy = user + nice + system + sum(rest);
  return { busy, all: busy + idle + waiting };
}

/** Whether a process is the program of a pod: not a sandbox, and not another program of this machine. */
function isProgramOf(pid: string, uids: readonly string[]): boolean {
  const groups = read(pid, 'cgroup');
  return uids.some((uid) => groups.includes(`pod${uid}`)) && read(pid, 'cmdline').startsWith('/nodejs/');
}

function cpuSecondsOf(pid: string): number {
  // The name may contain any character. User and system time are the fields 14 and 15 of the whole line.
  const fields = read(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function peakOf(pid: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(read(pid, 'status'))?.[1]) * 1024;
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
