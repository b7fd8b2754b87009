import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { devNull } from 'node:os';

/** A file that is not read. `reason` goes on where its name ends, such as `is not a regular file`. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  readonly reason: string;
  /** Node's code, where the system refused, such as `ENOENT`. */
  readonly code: string | undefined;

  constructor(reason: string, code?: string) {
    super(`a file ${reason}`);
    this.reason = reason;
    this.code = code;
  }
}

export const MEBIBYTE = 1_048_576;

/**
 * To open a named pipe waits for somebody who writes to it, in a thread of Node's that even the end of the process waits
 * for. This way it does not.
 */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reads a file of settings or keys, through symbolic links. Such a file is small: what is larger than `limit` bytes, or
 * is a pipe, a socket or a device, is something else under its name. The null device is an empty file, as everywhere.
 *
 * @throws UnreadableFileError
 */
export async function readSmallFile(path: string, limit = MEBIBYTE): Promise<string> {
  try {
    const file = await open(path, FLAGS);
    try {
      return isEmpty(await file.stat(), limit) ? '' : await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(error);
  }
}

/** {@link readSmallFile} for where nothing can wait. */
export function readSmallFileSync(path: string, limit = MEBIBYTE): string {
  try {
    const file = openSync(path, FLAGS);
    try {
      return isEmpty(fstatSync(file), limit) ? '' : readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(error);
  }
}

/** @throws UnreadableFileError for what is not to be read */
function isEmpty(stats: Stats, limit: number): boolean {
  if (stats.isDirectory()) throw new UnreadableFileError('is a folder, not a file', 'EISDIR');
  if (stats.isCharacterDevice() && stats.rdev === statSync(devNull).rdev) return true;
  if (!stats.isFile()) throw new UnreadableFileError('is not a regular file');
  if (stats.size > limit) throw new UnreadableFileError(`is larger than ${limit / MEBIBYTE} MiB`);
  return false;
}

function unreadable(error: unknown): UnreadableFileError {
  if (error instanceof UnreadableFileError) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new UnreadableFileError(`cannot be read (${code ?? 'unknown error'})`, code);
}
