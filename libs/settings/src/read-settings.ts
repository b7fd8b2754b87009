import type * as z from 'zod';
import { SettingsError } from './settings-error.ts';

/** An environment such as `process.env`, or the values of flags under the names of their variables. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** What a message calls a setting: its variable, or the flag that a user typed instead. */
export type NameOf = (setting: string) => string;

export const variableName: NameOf = (setting) => setting;

/** Returns a message for each contradiction between settings. A setting that is malformed is missing in `values`. */
export type Check<T> = (values: Partial<T>, nameOf?: NameOf) => readonly string[];

const SECRET = /KEY_ID|SECRET|TOKEN$|PASSWORD|PROXY|CREDENTIAL/;
const MAX_SHOWN_LENGTH = 60;

/**
 * Reads settings by a schema whose keys are the names of the variables. An empty value counts as unset. Each variable is
 * read by itself: one mistake hides neither another mistake nor a contradiction between other settings.
 *
 * @throws {@link SettingsError} with every mistake at once.
 */
export function readSettings<T extends z.ZodObject>(
  schema: T,
  settings: Settings,
  checks: readonly Check<z.output<T>>[] = [],
  nameOf: NameOf = variableName,
): z.output<T> {
  const values: Record<string, unknown> = {};
  const mistakes: string[] = [];
  for (const [name, type] of Object.entries<z.ZodType>(schema.shape)) {
    const given = settings[name] === '' ? undefined : settings[name];
    const { data, error } = type.safeParse(given);
    if (error)
      mistakes.push(
        ...error.issues.map(({ message }) => `${nameOf(name)}: ${message}${foundText(name, given)}`),
      );
    else if (data !== undefined) values[name] = data;
  }
  mistakes.push(...checks.flatMap((check) => check(values as Partial<z.output<T>>, nameOf)));
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return values as z.output<T>;
}

/** The value that was found, unless the variable may hold a secret. */
function foundText(name: string, value: string | undefined): string {
  if (value === undefined || SECRET.test(name)) return '';
  return `, not ${JSON.stringify(value.length > MAX_SHOWN_LENGTH ? `${value.slice(0, MAX_SHOWN_LENGTH)}…` : value)}`;
}
