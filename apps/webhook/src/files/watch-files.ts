import { readRegularFile } from '@ecr-anywhere/kubernetes/files';
import type { Milliseconds } from '@ecr-anywhere/settings';

/** No certificate chain, key, CA bundle or file of profiles is larger. */
const MAX_BYTES = 1_024 * 1_024;

/** The files to watch, and the functions that get each change. */
export interface FileWatchOptions<T> {
  /** Files that belong together. All of them are read at each look. */
  readonly files: readonly string[];
  readonly interval: Milliseconds;
  /**
   * Makes a value of what the files contain, in the order of `files`.
   *
   * @throws Error, whose message says why the content cannot be used
   */
  parse(contents: readonly string[]): T;
  /** Called once for each new content that can be used. */
  onValue?(value: T): void;
  /**
   * Called once for each problem: a file cannot be read, or the content cannot be used. After a first value, a problem
   * has to last for two looks, since files that are replaced one after the other do not belong together in between.
   */
  onProblem?(problem: Error): void;
  /** Called at the end of each look, for what depends on the time as well as on the files. */
  onLook?(): void;
}

/** Files that are watched until `stop` is called. */
export interface FileWatch<T> {
  /** The last content that could be used; undefined before the first. */
  readonly value: T | undefined;
  /** Looks at the files now. */
  look(): void;
  stop(): void;
}

/**
 * Reads files at once and then at each interval. It compares their content: the kubelet updates a mounted Secret by
 * swapping a symbolic link two levels up, which file system events and modification times do not reliably show.
 *
 * A file is a regular file of up to 1 MiB, reached through symbolic links or not. A named pipe cannot block the program.
 */
export function watchFiles<T>(options: FileWatchOptions<T>): FileWatch<T> {
  let found: Found<T> | undefined;
  let value: T | undefined;
  let reported: string | undefined;

  const look = () => {
    const before = found;
    found = find(options, before);
    const isNew = found !== before;
    if (!('problem' in found)) {
      reported = undefined;
      value = found.value;
      if (isNew) options.onValue?.(found.value);
    } else if ((value === undefined || !isNew) && found.problem.message !== reported) {
      reported = found.problem.message;
      options.onProblem?.(found.problem);
    }
    options.onLook?.();
  };
  look();
  const timer = setInterval(look, options.interval);
  timer.unref();
  return {
    get value() {
      return value;
    },
    look,
    stop: () => clearInterval(timer),
  };
}

/** What the files hold. `id` is the same while the content is the same. */
type Found<T> = { readonly id: string } & ({ readonly value: T } | { readonly problem: Error });

/** Content that is the same as before is not parsed again. */
function find<T>({ files, parse }: FileWatchOptions<T>, before: Found<T> | undefined): Found<T> {
  let id: string | undefined;
  try {
    const contents = files.map(read);
    id = JSON.stringify(contents);
    return id === before?.id ? before : { id, value: parse(contents) };
  } catch (error) {
    const problem = error as Error;
    id ??= problem.message;
    return id === before?.id ? before : { id, problem };
  }
}

/** @throws Error, such as `/tls/tls.crt cannot be read (ENOENT)`; its cause is the reader's error */
function read(path: string): string {
  try {
    return readRegularFile(path, MAX_BYTES);
  } catch (error) {
    throw new Error(`${path} ${(error as Error).message}`, { cause: error });
  }
}
