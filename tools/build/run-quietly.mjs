// It has no dependencies, because `npm run demo` uses it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a command to its end. Prints its output only if it fails, and then all of it.
 *
 * @returns the exit code; 1 if the command was killed or could not be started
 */
export function runQuietly(command, args, options) {
  const output = temporaryFile();
  const { status, error } = spawnSync(command, args, { ...options, stdio: ['ignore', output.fd, output.fd] });
  if (status === 0) return 0;
  process.stderr.write(output.read());
  if (error !== undefined) console.error(error.message);
  return status ?? 1;
}

/** A file without a name, so that nothing stays behind if this process is killed. */
function temporaryFile() {
  const folder = mkdtempSync(join(tmpdir(), 'ecr-anywhere-output-'));
  const fd = openSync(join(folder, 'output'), 'a+');
  const reader = openSync(join(folder, 'output'), 'r');
  rmSync(folder, { recursive: true });
  return { fd, read: () => readFileSync(reader) };
}
