import { closeSync, constants, existsSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cutToBytes } from '@ecr-anywhere/kubernetes';

/** Kubernetes keeps no more of it. */
const MOST_BYTES = 4_096;

/**
 * O_NONBLOCK: with a named pipe the program must not wait. Nobody reads it: ENXIO. It is full: EAGAIN.
 */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;

/** Writes what `kubectl describe pod` shows of a container that has ended. Outside a container it does nothing. */
export function writeTerminationMessage(path: string, message: string): void {
  if (!existsSync(dirname(path)) || (path === '/dev/termination-log' && !existsSync(path))) return;
  try {
    const file = openSync(path, FLAGS);
    try {
      writeFileSync(file, cutToBytes(message, MOST_BYTES));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    console.error(
      `The termination message could not be written to ${path} (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}
