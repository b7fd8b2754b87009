import { delimiter, join } from 'node:path';
import { isMissing, readFileOrPipe } from '../files/read-file.ts';
import { AccessError } from './access-error.ts';
import { parseKubeconfig, type Kubeconfig } from './kubeconfig-file.ts';

/** The environment, as far as it is of concern here. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What was found, and where it was looked for. */
export interface LoadedKubeconfig extends Kubeconfig {
  /** The files that it was looked for in, whether or not they are there. */
  readonly lookedAt: readonly string[];
}

/**
 * Reads the kubeconfigs that kubectl would read, and merges them. Of several, the first one to name a thing has it as a
 * whole; files that are missing are passed over, unless they were asked for by `explicit`.
 *
 * @param explicit - a single file; wins over KUBECONFIG and `~/.kube/config`
 * @param signal - ends the reading of a pipe
 * @throws AccessError
 */
export async function loadKubeconfig(
  explicit: string | undefined,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<LoadedKubeconfig> {
  const files = explicit ? [explicit] : filesOf(env);
  const found: Kubeconfig[] = [];
  for (const file of files) {
    try {
      found.push(parseKubeconfig(await readFileOrPipe(file, signal), file));
    } catch (error) {
      if (error instanceof AccessError) throw error;
      if (signal?.aborted) throw new AccessError(`${file} could not be read to its end (${endOf(signal)})`);
      if (!isMissing(error) || explicit) throw new AccessError(`${file} ${(error as Error).message}`);
    }
  }
  return { ...merged(found), lookedAt: files };
}

function endOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function filesOf({ KUBECONFIG, HOME, USERPROFILE }: Environment): string[] {
  if (KUBECONFIG) return [...new Set(KUBECONFIG.split(delimiter).filter((file) => file !== ''))];
  const home = HOME || USERPROFILE;
  return home ? [join(home, '.kube', 'config')] : [];
}

function merged(files: readonly Kubeconfig[]): Kubeconfig {
  const lastFirst = files.toReversed();
  return {
    currentContext: files.find(({ currentContext }) => currentContext)?.currentContext,
    contexts: new Map(lastFirst.flatMap(({ contexts }) => [...contexts])),
    clusters: new Map(lastFirst.flatMap(({ clusters }) => [...clusters])),
    users: new Map(lastFirst.flatMap(({ users }) => [...users])),
  };
}
