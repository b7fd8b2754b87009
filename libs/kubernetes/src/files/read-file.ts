import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** More than any kubeconfig, bundle of CAs or token has. */
const MOST_BYTES = 4 * 1_024 * 1_024;

/**
 * Reads a small file. It is opened without blocking, so that a named pipe that nobody writes to cannot hold the program.
 *
 * @throws Error, whose message goes on after the file's name: `cannot be read (ENOENT)`
 */
export function readRegularFile(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile()) throw new Error(NO_FILE);
    const content = new Content();
    for (;;) {
      const chunk = Buffer.alloc(CHUNK);
      const length = readSync(file, chunk);
      if (length === 0) return content.text;
      content.add(chunk.subarray(0, length));
    }
  } catch (error) {
    throw explained(error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Reads a file that may be a pipe, such as `<(command)` of a shell. It does not block: a pipe that nobody writes to holds
 * whoever waits for it, and not the handlers of signals.
 *
 * @throws Error, as {@link readRegularFile} does
 */
export async function readFileOrPipe(path: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    if ((await file.stat()).isDirectory()) throw new Error(NO_FILE);
    const content = new Content();
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK));
      if (bytesRead === 0) return content.text;
      content.add(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    throw explained(error);
  } finally {
    await file?.close();
  }
}

const CHUNK = 64 * 1_024;
const NO_FILE = 'is no file';

/** What was read so far. */
class Content {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_BYTES) throw new Error(`has more than ${MOST_BYTES / 1_024 / 1_024} MiB`);
    this.#chunks.push(chunk);
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

function explained(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new Error(`cannot be read (${code})`, { cause: error });
}

/** Of an error of the functions above: whether there is no such file. */
export function isMissing(error: unknown): boolean {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
