import { closeSync, constants, existsSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cutToBytes } from '@ecr-anywhere/kubernetes';

/** Kubernetes keeps no more bytes. */
const LONGEST = 4_096;

/** A named pipe that nobody reads refuses to be opened (ENXIO), and one that is full to be written to (EAGAIN), at once. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;

/** Leaves what `kubectl describe` shows of a container that has ended. Outside of one it does nothing. */
export function leaveMessage(path: string, message: string): void {
  if (!existsSync(dirname(path)) || (path === '/dev/termination-log' && !existsSync(path))) return;
  try {
    const file = openSync(path, FLAGS);
    try {
      writeFileSync(file, cutToBytes(message, LONGEST));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    console.error(
      `The termination message could not be written to ${path} (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}
