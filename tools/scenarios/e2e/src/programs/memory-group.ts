import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A control group with a memory limit, as a container has. */
export interface MemoryGroup {
  /** Starts a command in the group; see `ProgramOptions.through`. */
  readonly through: readonly string[];
  /** Removes the group, after all its processes have ended. */
  remove(): Promise<void>;
}

const HIERARCHY = '/sys/fs/cgroup';

/** @returns undefined if this process cannot create a group: without root, or in a container */
export async function memoryGroup(name: string, limit: number): Promise<MemoryGroup | undefined> {
  try {
    const isV2 = await exists(`${HIERARCHY}/cgroup.controllers`);
    if (isV2) await writeFile(`${HIERARCHY}/cgroup.subtree_control`, '+memory');
    const folder = `${isV2 ? HIERARCHY : `${HIERARCHY}/memory`}/${name}`;
    await mkdir(folder);
    await writeFile(`${folder}/${isV2 ? 'memory.max' : 'memory.limit_in_bytes'}`, String(limit));
    if (isV2) await writeFile(`${folder}/memory.swap.max`, '0').catch(ignore);
    else await writeFile(`${folder}/memory.swappiness`, '0').catch(ignore);
    await readFile(`${folder}/cgroup.procs`);
    return {
      through: ['/bin/sh', '-c', `echo $$ > ${folder}/cgroup.procs && exec "$@"`, 'sh'],
      remove: () => remove(folder),
    };
  } catch {
    return undefined;
  }
}

/** The kernel frees a group a moment after its last process ends. */
async function remove(folder: string): Promise<void> {
  for (let attempts = 0; attempts < 100; attempts++) {
    try {
      return await rmdir(folder);
    } catch {
      await sleep(50);
    }
  }
  throw new Error(`${folder} is still in use`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const ignore = () => undefined;
