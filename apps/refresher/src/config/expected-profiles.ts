import { readRegularFile } from '@ecr-anywhere/kubernetes/files';
import { SettingsError, type Profile, type ProfileSource } from '@ecr-anywhere/settings';

/** The profiles that the webhook should have. */
export interface ExpectedProfiles {
  readonly current: readonly Profile[];
  /** Reads the file again. A mistake in it keeps the profiles before it: the webhook keeps them as well, and reports it. */
  readAgain(this: void): void;
}

/** @throws SettingsError if the file cannot be read, or has a mistake */
export function expectedProfiles(source: ProfileSource): ExpectedProfiles {
  let current = read(source);
  return {
    get current() {
      return current;
    },
    readAgain() {
      try {
        current = read(source);
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
      }
    },
  };
}

function read({ file, read: parse }: ProfileSource): readonly Profile[] {
  if (file === undefined) return parse();
  try {
    return parse(textOf(file));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new SettingsError(error.mistakes.map((mistake) => `PROFILES_FILE: ${mistake}`));
  }
}

function textOf(file: string): string {
  try {
    return readRegularFile(file);
  } catch (error) {
    throw new SettingsError([`${file} ${(error as Error).message}`]);
  }
}
