import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../milliseconds.ts';

const MEBIBYTE = 1_024 * 1_024;

/** No kubeconfig, CA bundle or token is larger. */
const MOST_BYTES = 4 * MEBIBYTE;

/** Between two attempts to read from a pipe. */
const PAUSE: Milliseconds = 20;

/**
 * Reads a small file. It is opened without blocking, so that a named pipe without a writer cannot block the program.
 *
 * @param mostBytes - 4 MiB by default
 * @throws Error, whose message continues a sentence that begins with the file's name: `cannot be read (ENOENT)`
 */
export function readRegularFile(path: string, mostBytes = MOST_BYTES): string {
  const file = openWithoutBlocking(path);
  try {
    if (!fstatSync(file).isFile()) throw new Error('is not a regular file');
    const content = new Content(mostBytes);
    for (;;) {
      const chunk = readChunk(file);
      if (!chunk?.length) return content.text;
      content.add(chunk);
    }
  } catch (error) {
    throw toReadError(error);
  } finally {
    closeSync(file);
  }
}

/**
 * Reads a file that may be a pipe, such as `<(command)` in a shell, and waits for its writer. It never blocks: a thread that
 * waits for a pipe would keep the process alive.
 *
 * @param signal - ends the waiting
 * @throws Error, as {@link readRegularFile}; the signal's reason
 */
export async function readFileOrPipe(path: string, signal?: AbortSignal): Promise<string> {
  const file = openWithoutBlocking(path);
  try {
    if (fstatSync(file).isDirectory()) throw new Error('is a folder');
    const content = new Content(MOST_BYTES);
    // Before somebody opens a named pipe for writing, a read looks as if the end had been reached.
    let hasWriter = !isNamedPipe(file);
    for (;;) {
      const chunk = readChunk(file);
      if (chunk?.length) content.add(chunk);
      else if (chunk && hasWriter) return content.text;
      else await sleep(PAUSE, undefined, signal && { signal });
      hasWriter ||= chunk?.length !== 0;
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : toReadError(error);
  } finally {
    closeSync(file);
  }
}

/** Whether an error of the functions above says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

function openWithoutBlocking(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw toReadError(error);
  }
}

/** An empty chunk at the end; undefined if there is nothing yet. */
function readChunk(file: number): Buffer | undefined {
  const chunk = Buffer.alloc(64 * 1_024);
  try {
    return chunk.subarray(0, readSync(file, chunk));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Whether it is a pipe with a path. The pipe of a shell has none, and already has its writer. */
function isNamedPipe(file: number): boolean {
  if (!fstatSync(file).isFIFO()) return false;
  try {
    return !readlinkSync(`/proc/self/fd/${file}`).startsWith('pipe:');
  } catch {
    return true;
  }
}

/** What was read so far, up to a limit. */
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

function toReadError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new Error(`cannot be read (${code})`, { cause: error });
}
