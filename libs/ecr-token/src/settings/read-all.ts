import { EcrTokenError, isEcrTokenError, type SettingsMistake } from '../errors/error.ts';

/** The results of several readers, by name. */
export type AllRead<T> = { readonly [Name in keyof T]: T[Name] extends () => infer Value ? Value : never };

/**
 * Reads several settings and reports all mistakes at once.
 *
 * @throws `EcrTokenError` with `invalid-settings`, whose `mistakes` are those of all readers.
 */
export function readAll<T extends Readonly<Record<string, () => unknown>>>(readers: T): AllRead<T> {
  const values: Record<string, unknown> = {};
  const mistakes: SettingsMistake[] = [];
  for (const [name, reader] of Object.entries(readers)) {
    try {
      values[name] = reader();
    } catch (error) {
      if (!isEcrTokenError(error) || error.code !== 'invalid-settings') throw error;
      mistakes.push(...error.mistakes);
    }
  }
  if (mistakes.length === 0) return values as AllRead<T>;
  throw new EcrTokenError({
    code: 'invalid-settings',
    message: mistakes.map(({ message }) => message).join('; '),
    remedy: mistakes.map(({ remedy }) => remedy).join('; '),
    mistakes,
  });
}
