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

const FLAGS = SETTING_ROWS.flatMap(([setting, { flag }]) => {
  const [name, value] = flag?.slice(2).split(' ') ?? [];
  return name === undefined
    ? []
    : [{ setting, name, type: value ? ('string' as const) : ('boolean' as const) }];
});

/** @throws SettingsError for a flag that does not exist, or has no value */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: Object.fromEntries(FLAGS.map(({ name, type }) => [name, { type }])),
      allowPositionals: true,
    });
    const given = FLAGS.filter(({ name }) => values[name] !== undefined);
    const flags = Object.fromEntries(given.map(({ setting, name }) => [setting, String(values[name])]));
    return { flags, words: positionals };
  } catch (error) {
    // The first sentence of Node's message names the flag. The others explain Node's rules.
    const [sentence = ''] = (error as Error).message.split('. ');
    throw new SettingsError([`${sentence}; --help lists the flags`]);
  }
}
