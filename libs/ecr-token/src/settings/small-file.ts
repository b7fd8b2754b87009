import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { devNull } from 'node:os';

/** A file cannot be read. `reason` continues a sentence after the file's name, such as `is not a regular file`. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  readonly reason: string;
  /** Node's code, such as `ENOENT`, if the operating system refused. */
  readonly code: string | undefined;

  constructor(reason: string, code?: string) {
    super(`a file ${reason}`);
    this.reason = reason;
    this.code = code;
  }
}

export const MEBIBYTE = 1_048_576;

/**
 * Without `O_NONBLOCK`, opening a named pipe waits for a writer, in a thread that even keeps the process from ending.
 */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reads a file of settings or keys, through symbolic links. It refuses a file that is larger than `limit` bytes, a
 * pipe, a socket and a device. The null device counts as an empty file.
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

/** The synchronous form of {@link readSmallFile}. */
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

/** @throws UnreadableFileError for anything but a small regular file */
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
