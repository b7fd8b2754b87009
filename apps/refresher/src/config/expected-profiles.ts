import { readRegularFile } from '@ecr-anywhere/kubernetes/files';
import { SettingsError, type Profile, type ProfileSource } from '@ecr-anywhere/settings';

/** The profiles that the webhook should have. */
export interface ExpectedProfiles {
  /** Empty if they are unknown. */
  readonly current: readonly Profile[];
  /** Why the profiles were unknown when the run began. One team's mistake must not stop the refresh of all teams. */
  readonly mistake: string | undefined;
  /** Reads the file again. A mistake in it keeps the profiles before it: the webhook keeps them as well, and reports it. */
  readAgain(this: void): void;
}

/** Reads the profiles. If their file cannot be read, or has a mistake, they are unknown. */
export function expectedProfiles(source: ProfileSource): ExpectedProfiles {
  const first = read(source);
  let current = first.profiles ?? [];
  return {
    get current() {
      return current;
    },
    mistake: first.mistake,
    readAgain() {
      current = read(source).profiles ?? current;
    },
  };
}

interface Reading {
  readonly profiles?: readonly Profile[];
  readonly mistake?: string;
}

function read({ file, read: parse }: ProfileSource): Reading {
  if (file === undefined) return { profiles: parse() };
  try {
    return { profiles: parse(textOf(file)) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { mistake: `PROFILES_FILE: ${error.mistakes.join(', and ')}` };
  }
}

function textOf(file: string): string {
  try {
    return readRegularFile(file);
  } catch (error) {
    throw new SettingsError([`${file} ${(error as Error).message}`]);
  }
}
