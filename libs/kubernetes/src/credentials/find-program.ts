import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Finds a program: the file itself if the command has a slash, otherwise the first folder of the PATH that has it. Relative
 * folders do not count, as in Go: somebody else may be able to write there.
 *
 * @returns undefined if there is none
 */
export function findProgram(command: string, path: string): string | undefined {
  if (command.includes('/')) return command;
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, command))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
