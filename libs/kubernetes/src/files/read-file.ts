import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** More than any kubeconfig, bundle of CAs or token has. */
const MOST_BYTES = 4 * 1_024 * 1_024;

/**
 * Reads a small file. It is opened without blocking, so that a named pipe that nobody writes to cannot hold the program.
 *
 * @throws Error, whose message goes on after the file's name: `cannot be read (ENOENT)`
 */
export function readRegularFile(path: string): string {
  return read(path, constants.O_NONBLOCK, (stats) => stats.isFile());
}

/**
 * Reads a file that may be a pipe, such as `<(command)` of a shell.
 *
 * @throws Error, as {@link readRegularFile} does
 */
export function readFileOrPipe(path: string): string {
  return read(path, 0, (stats) => !stats.isDirectory());
}

function read(path: string, flags: number, isReadable: (stats: Stats) => boolean): string {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | flags);
    if (!isReadable(fstatSync(file))) throw new Error('is no file');
    return contentOf(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new Error(`cannot be read (${code})`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function contentOf(file: number): string {
  const chunks: Buffer[] = [];
  for (let bytes = 0; ;) {
    const chunk = Buffer.alloc(64 * 1_024);
    const length = readSync(file, chunk);
    if (length === 0) return Buffer.concat(chunks).toString();
    bytes += length;
    if (bytes > MOST_BYTES) throw new Error(`has more than ${MOST_BYTES / 1_024 / 1_024} MiB`);
    chunks.push(chunk.subarray(0, length));
  }
}

/** Of an error of the functions above: whether there is no such file. */
export function isMissing(error: unknown): boolean {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
