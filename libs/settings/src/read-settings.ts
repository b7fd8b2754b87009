import type { z } from 'zod';
import { SettingsError } from './settings-error.ts';

/** An environment such as `process.env`, or values of flags under the names of the variables that they stand for. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Tells which settings contradict each other. Those that are wrong by themselves are missing among `values`. */
export type Check<T> = (values: Partial<T>) => readonly string[];

const SECRET = /KEY_ID|SECRET|TOKEN$|PASSWORD|PROXY|CREDENTIAL/;
const SHOWN = 60;

/**
 * Reads settings by a schema whose keys are the variables' names. Empty values count as unset. Each variable is read by
 * itself, so that one that is wrong hides neither another one nor a contradiction between others.
 *
 * @throws {@link SettingsError} with every mistake at once.
 */
export function readSettings<T extends z.ZodObject>(
  schema: T,
  settings: Settings,
  checks: readonly Check<z.output<T>>[] = [],
): z.output<T> {
  const values: Record<string, unknown> = {};
  const mistakes: string[] = [];
  for (const [name, type] of Object.entries<z.ZodType>(schema.shape)) {
    const given = settings[name] === '' ? undefined : settings[name];
    const { data, error } = type.safeParse(given);
    if (error)
      mistakes.push(...error.issues.map(({ message }) => `${name}: ${message}${shown(name, given)}`));
    else if (data !== undefined) values[name] = data;
  }
  mistakes.push(...checks.flatMap((check) => check(values as Partial<z.output<T>>)));
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return values as z.output<T>;
}

/** What was found instead; never of a variable that may hold a secret. */
function shown(name: string, value: string | undefined): string {
  if (value === undefined || SECRET.test(name)) return '';
  return `, not ${JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)}`;
}
