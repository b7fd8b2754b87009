import { readRegularFile } from '../files/read-file.ts';
import { AccessError } from './access-error.ts';

/** A text of a kubeconfig, or a file that it names. Files change: they are read each time. */
export interface Source {
  /** Where this was said, for messages. */
  readonly field: string;
  readonly text?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * What stands in a field `NAME-data`, or in a file that the field NAME names.
 *
 * @throws AccessError where it is in both
 */
export function sourceOf<Name extends string>(
  where: string,
  name: Name,
  values: Partial<Record<Name | `${Name}-data`, string | undefined>>,
): Source | undefined {
  const file = values[name];
  const text = values[`${name}-data`];
  if (file !== undefined && text !== undefined)
    throw new AccessError(`${where}: ${name} and ${name}-data: only one of them may be set`);
  if (text !== undefined) return { field: `${where}: ${name}-data`, text };
  return file === undefined ? undefined : { field: `${where}: ${name}`, file };
}

/** @throws AccessError */
export function readSource({ field, text, file = '' }: Source): string {
  if (text !== undefined) return text;
  try {
    return readRegularFile(file);
  } catch (error) {
    throw new AccessError(`${field}: ${file} ${(error as Error).message}`);
  }
}
