import { parseArgs } from 'node:util';
import { SettingsError } from '@ecr-anywhere/settings';
import { SETTING_ROWS, type SettingName } from './settings.ts';

/** What the user typed. */
export interface CommandLine {
  /** The values of the flags, under the names of the settings that they set. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  /** The command, and what it works on. */
  readonly words: readonly string[];
}

/** @throws SettingsError for a flag that does not exist, or has no value */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const withFlag = SETTING_ROWS.flatMap(([name, { flag, value }]) => (flag ? [{ name, flag, value }] : []));
  const options = withFlag.map(({ flag, value }) => {
    const type: 'boolean' | 'string' = value === undefined ? 'boolean' : 'string';
    return [flag, { type }] as const;
  });
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: Object.fromEntries(options),
      allowPositionals: true,
    });
    const flags = withFlag.flatMap(({ name, flag }) => {
      const value = values[flag];
      return value === undefined ? [] : [[name, String(value)]];
    });
    return { flags: Object.fromEntries(flags) as CommandLine['flags'], words: positionals };
  } catch (error) {
    // The first sentence of Node's message names the flag. The others explain Node's rules.
    const [sentence = ''] = (error as Error).message.split('. ');
    throw new SettingsError([`${sentence}; --help lists the flags`]);
  }
}
