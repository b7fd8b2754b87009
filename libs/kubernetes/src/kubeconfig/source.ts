import { readRegularFile } from '../files/read-file.ts';
import { AccessError } from './access-error.ts';

/** A text in a kubeconfig, or a file that it names. Files are read each time, because they change. */
export interface Source {
  /** The field of the kubeconfig, for messages. */
  readonly field: string;
  readonly text?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * The source for which a kubeconfig has two fields: `NAME-data` for the content, and `NAME` for a file.
 *
 * @throws AccessError if both are set
 */
export function sourceOf<Name extends string>(
  where: string,
  name: Name,
  values: Partial<Record<Name | `${Name}-data`, string | undefined>>,
): Source | undefined {
  const file = values[name];
  const text = values[`${name}-data`];
  if (file !== undefined && text !== undefined)
    throw new AccessError(`${where}: ${name} and ${name}-data must not be set together`);
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
