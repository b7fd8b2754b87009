import type { AwsSettings } from '../aws-settings.ts';
import { MOST_PROFILE_BYTES, profilesOfFile } from './profiles-file.ts';
import { profilesFrom, type Profile } from './profiles.ts';
import type { RegistryHost } from '../registry-hosts.ts';
import { SettingsError } from '../settings-error.ts';

/** What the profiles of an installation are made of. */
export interface ProfileSettings {
  readonly aws: AwsSettings;
  /** REGISTRY_HOSTS */
  readonly hosts: readonly RegistryHost[];
  /** PROFILES_FILE; undefined: there is only the default profile. */
  readonly file: string | undefined;
}

/** Where the profiles of an installation come from. */
export interface ProfileSource {
  readonly file: string | undefined;
  /**
   * The profiles, the default one first.
   *
   * @param text - of the file, if there is one
   * @throws {@link SettingsError} with the first mistakes in the file
   */
  read(this: void, text?: string): readonly Profile[];
}

/** @param parseYaml - throws an Error whose message continues a sentence that begins with the name of the file */
export function profileSource(
  { aws, hosts, file }: ProfileSettings,
  parseYaml: (text: string) => unknown,
): ProfileSource {
  return {
    file,
    read: (text) =>
      text === undefined ? profilesFrom(aws, hosts) : profilesOfFile(contentOf(text, parseYaml), aws, hosts),
  };
}

function contentOf(text: string, parseYaml: (text: string) => unknown): unknown {
  if (text.length > MOST_PROFILE_BYTES)
    throw new SettingsError([`the file has more than ${MOST_PROFILE_BYTES / 1_024} KiB`]);
  try {
    return parseYaml(text);
  } catch (error) {
    throw new SettingsError([`the file ${(error as Error).message}`]);
  }
}
