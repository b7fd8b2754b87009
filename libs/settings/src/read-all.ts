import { SettingsError } from './settings-error.ts';

type Readers = readonly (() => unknown)[];
type Results<T extends Readers> = { -readonly [K in keyof T]: ReturnType<T[K]> };

/**
 * Calls every reader and returns their results.
 *
 * @throws {@link SettingsError} with the mistakes of all readers, each once; any other exception as it is.
 * @example const [values, settings] = readAll(() => readSettings(schema, env), () => aws.settings());
 */
export function readAll<const T extends Readers>(...readers: T): Results<T> {
  const mistakes: string[] = [];
  const results = readers.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      mistakes.push(...error.mistakes);
      return undefined;
    }
  });
  if (mistakes.length > 0) throw new SettingsError([...new Set(mistakes)]);
  return results as Results<T>;
}
