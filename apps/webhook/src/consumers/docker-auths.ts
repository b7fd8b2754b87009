import type { Logins } from './consumer.ts';

/** Entries of a Docker config by their keys: hosts, or URLs. */
export type Auths = Readonly<Record<string, object>>;

/** The entries of a Docker config; undefined for any other text. */
export function authsOf(text: string): Auths | undefined {
  const config = configIn(text);
  if (config === undefined) return undefined;
  // Programs in Go ignore the case of the fields, so that entries may be in another field than `auths`. Without one, they may be
  // in the old form, which has no such field.
  const fields = Object.keys(config).filter((name) => name.toLowerCase() === 'auths');
  if (fields.join() !== 'auths' && Object.keys(config).length > 0) return undefined;
  const { auths = {} } = config;
  return isObject(auths) && Object.values(auths).every(isObject) ? (auths as Auths) : undefined;
}

/** What an entry says of a user. Programs in Go ignore the case of the fields. */
export function fieldsOf(entry: object): Readonly<Record<'username' | 'password' | 'auth', unknown>> {
  const fields = Object.entries(entry).map(
    ([name, value]) => [name.toLowerCase(), value as unknown] as const,
  );
  const { username, password, auth } = Object.fromEntries(fields);
  return { username, password, auth };
}

/** The text of an `auth`: a user and a password with a colon between them. */
export function decoded(auth: unknown): string {
  return typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : '';
}

/** The logins in a Docker config of any form, as far as they can be read: it may have entries of several authors. */
export function loginsIn(text: string): Logins {
  const { auths } = configIn(text) ?? {};
  const entries: readonly (readonly [string, unknown])[] = isObject(auths) ? Object.entries(auths) : [];
  const logins = entries.flatMap(([host, entry]) => {
    const login = isObject(entry) ? loginOf(entry) : undefined;
    return login === undefined ? [] : [[host, login] as const];
  });
  return new Map(logins);
}

/** Clients believe `auth` before the other two. */
function loginOf(entry: object) {
  const { username, password, auth } = fieldsOf(entry);
  const [, user, secret] = /^([^:]+):(.+)$/s.exec(decoded(auth)) ?? [];
  if (user !== undefined && secret !== undefined) return { username: user, password: secret };
  if (typeof username !== 'string' || typeof password !== 'string') return undefined;
  return username === '' || password === '' ? undefined : { username, password };
}

function configIn(text: string): { readonly auths?: unknown } | undefined {
  try {
    const config: unknown = JSON.parse(text);
    return isObject(config) ? config : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
