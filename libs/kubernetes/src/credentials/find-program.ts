import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Where a program is: it itself where it has a slash, otherwise the first of the folders of a PATH that has it. As Go does,
 * folders that are relative do not count: whoever can write there could slip a program in.
 *
 * @returns undefined where there is none
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
