import { EcrTokenError } from '../errors/error.ts';

/** The environment of a program, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable, trimmed. An empty variable counts as unset. */
export function read(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** @throws `EcrTokenError` with `invalid-settings` */
export function flag(env: Environment, name: string): boolean | undefined {
  const value = read(env, name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new EcrTokenError({
    code: 'invalid-settings',
    message: `${name} is neither "true" nor "false"`,
    remedy: `set ${name} to "true", or unset it`,
  });
}

/**
 * The name of a region. It becomes part of a host name, so its form is checked.
 *
 * @throws `EcrTokenError` with `invalid-settings`
 */
export function region(env: Environment, name: string): string | undefined {
  const value = read(env, name);
  if (value === undefined || /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(value)) return value;
  throw new EcrTokenError({
    code: 'invalid-settings',
    message: `${name} is not the name of a region`,
    remedy: `set ${name} to something like "eu-west-1"`,
  });
}
