import { delimiter, join } from 'node:path';
import { isMissing, readFileOrPipe } from '../files/read-file.ts';
import { AccessError } from './access-error.ts';
import { parseKubeconfig, type Kubeconfig } from './kubeconfig-file.ts';

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What was found, and where it was searched. */
export interface LoadedKubeconfig extends Kubeconfig {
  /** The files, whether they exist or not. */
  readonly searched: readonly string[];
}

/**
 * Reads the kubeconfigs that kubectl would read, and merges them. If several have an entry with the same name, the first one
 * counts. Missing files are ignored, except for `explicit`.
 *
 * @param explicit - a single file, which replaces KUBECONFIG and `~/.kube/config`
 * @param signal - ends the reading of a pipe
 * @throws AccessError
 */
export async function loadKubeconfig(
  explicit: string | undefined,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<LoadedKubeconfig> {
  const files = explicit ? [explicit] : filesToRead(env);
  const found: Kubeconfig[] = [];
  for (const file of files) {
    try {
      found.push(parseKubeconfig(await readFileOrPipe(file, signal), file));
    } catch (error) {
      if (error instanceof AccessError) throw error;
      if (signal?.aborted)
        throw new AccessError(`${file} could not be read completely (${reasonOf(signal)})`);
      if (!isMissing(error) || explicit) throw new AccessError(`${file} ${(error as Error).message}`);
    }
  }
  return { ...merge(found), searched: files };
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function filesToRead({ KUBECONFIG, HOME, USERPROFILE }: Environment): string[] {
  if (KUBECONFIG) return [...new Set(KUBECONFIG.split(delimiter).filter((file) => file !== ''))];
  const home = HOME || USERPROFILE;
  return home ? [join(home, '.kube', 'config')] : [];
}

function merge(files: readonly Kubeconfig[]): Kubeconfig {
  const lastFirst = files.toReversed();
  return {
    currentContext: files.find(({ currentContext }) => currentContext)?.currentContext,
    contexts: new Map(lastFirst.flatMap(({ contexts }) => [...contexts])),
    clusters: new Map(lastFirst.flatMap(({ clusters }) => [...clusters])),
    users: new Map(lastFirst.flatMap(({ users }) => [...users])),
  };
}
