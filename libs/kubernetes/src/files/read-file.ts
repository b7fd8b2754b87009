import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';

const MEBIBYTE = 1_024 * 1_024;

/** More than any kubeconfig, bundle of CAs or token has. */
const MOST_BYTES = 4 * MEBIBYTE;

/** How often a pipe is looked at again. */
const PAUSE: Milliseconds = 20;

/**
 * Reads a small file. It is opened without blocking, so that a named pipe that nobody writes to cannot hold the program.
 *
 * @param mostBytes - 4 MiB by default
 * @throws Error, whose message goes on after the file's name: `cannot be read (ENOENT)`
 */
export function readRegularFile(path: string, mostBytes = MOST_BYTES): string {
  const file = openNow(path);
  try {
    if (!fstatSync(file).isFile()) throw new Error('is not a regular file');
    const content = new Content(mostBytes);
    for (;;) {
      const chunk = readNow(file);
      if (!chunk?.length) return content.text;
      content.add(chunk);
    }
  } catch (error) {
    throw explained(error);
  } finally {
    closeSync(file);
  }
}

/**
 * Reads a file that may be a pipe, such as `<(command)` of a shell, and waits for whoever writes to it. It never blocks: a
 * thread that waits for a pipe would keep the process after its end.
 *
 * @param signal - ends the waiting
 * @throws Error, as {@link readRegularFile} does; the signal's reason
 */
export async function readFileOrPipe(path: string, signal?: AbortSignal): Promise<string> {
  const file = openNow(path);
  try {
    if (fstatSync(file).isDirectory()) throw new Error('is a folder');
    const content = new Content(MOST_BYTES);
    // As long as nobody has opened a named pipe for writing, it looks as if it had been read to its end.
    let hasWriter = !isNamedPipe(file);
    for (;;) {
      const chunk = readNow(file);
      if (chunk?.length) content.add(chunk);
      else if (chunk && hasWriter) return content.text;
      else await sleep(PAUSE, undefined, signal && { signal });
      hasWriter ||= chunk?.length !== 0;
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : explained(error);
  } finally {
    closeSync(file);
  }
}

/** Of an error of the functions above: whether there is no such file. */
export function isMissing(error: unknown): boolean {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

function openNow(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw explained(error);
  }
}

/** Nothing at the end; undefined where there is nothing yet. */
function readNow(file: number): Buffer | undefined {
  const chunk = Buffer.alloc(64 * 1_024);
  try {
    return chunk.subarray(0, readSync(file, chunk));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Whether it has a name that a writer may open: the pipe of a shell has none, and its writer was there before us. */
function isNamedPipe(file: number): boolean {
  if (!fstatSync(file).isFIFO()) return false;
  try {
    return !readlinkSync(`/proc/self/fd/${file}`).startsWith('pipe:');
  } catch {
    return true;
  }
}

/** What was read so far. */
class Content {
  readonly #chunks: Buffer[] = [];
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#mostBytes) throw new Error(`has more than ${this.#mostBytes / MEBIBYTE} MiB`);
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
