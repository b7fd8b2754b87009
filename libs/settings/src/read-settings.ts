import { z } from 'zod';

/** An environment such as `process.env`, or values of flags under the names of the variables that they stand for. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Settings that cannot be worked with; the message has a line for each mistake, with the variable's name. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly mistakes: readonly string[]) {
    super(`The settings are wrong:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  }
}

const SECRET = /KEY_ID|SECRET|TOKEN$|PASSWORD|PROXY|CREDENTIAL/;
const SHOWN = 60;

/**
 * Reads settings by a schema whose keys are the variables' names. Empty values count as unset.
 *
 * @throws {@link SettingsError} with every mistake at once.
 */
export function readSettings<T extends z.ZodType>(schema: T, settings: Settings): z.output<T> {
  const given = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new SettingsError(
    result.error.issues.map(({ path, message }) => {
      const name = path.join('.');
      return name === '' ? message : `${name}: ${message}${shown(name, settings[name])}`;
    }),
  );
}

/** What was found instead; never of a variable that may hold a secret. */
function shown(name: string, value: string | undefined): string {
  if (value === undefined || value === '' || SECRET.test(name)) return '';
  return `, not ${JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)}`;
}
