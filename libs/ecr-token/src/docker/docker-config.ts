import { EcrTokenError } from '../errors/error.ts';
import type { EcrToken } from '../token/token.ts';
import { registryMismatch } from './registry.ts';

/**
 * The fields of each entry. `auth` alone is what `docker login` writes, so every client reads it. The other form says the
 * same twice, for programs that read only `username` and `password`.
 */
export type DockerAuthFields = 'auth' | 'username,password,auth';

/** The entry of a registry host. */
export interface DockerAuth {
  /** Base64 of `username:password`. */
  readonly auth: string;
  /** Only with the fields `username,password,auth`. */
  readonly username?: string;
  /** Only with the fields `username,password,auth`. */
  readonly password?: string;
}

/** The content of `~/.docker/config.json`, and of a Secret of the type `kubernetes.io/dockerconfigjson`. */
export interface DockerConfig {
  readonly auths: Readonly<Record<string, DockerAuth>>;
}

/** A host and the token that opens it. */
export interface Grant {
  /** A registry of ECR, or a mirror in front of one: without a scheme, with a port if it has one. */
  readonly host: string;
  readonly token: Pick<EcrToken, 'username' | 'password' | 'region'>;
}

export interface DockerConfigOptions {
  /** @defaultValue `'auth'` */
  readonly fields?: DockerAuthFields;
}

/**
 * Makes a Docker config for one or several registry hosts. It contains passwords.
 *
 * @throws `EcrTokenError` with `invalid-settings` if a host is a registry of ECR that the token beside it does not
 * open: one of another region or partition, or ECR Public. Whether another host takes the token is not known here.
 */
export function dockerConfig(
  grants: Iterable<Grant>,
  { fields = 'auth' }: DockerConfigOptions = {},
): DockerConfig {
  const auths: Record<string, DockerAuth> = Object.create(null) as Record<string, DockerAuth>;
  for (const { host, token } of grants) {
    const { username, password, region } = token;
    const mismatch = registryMismatch(host, region);
    if (mismatch !== undefined)
      throw new EcrTokenError({ code: 'invalid-settings', message: mismatch, remedy: REMEDY });
    const auth = basicAuth(username, password);
    auths[host] = fields === 'auth' ? { auth } : { username, password, auth };
  }
  return { auths };
}

const REMEDY =
  'leave it out, or give it a token of its own: ecrTokenProvider({ registry }) takes the region of a host';

/** What opens a registry host. */
export interface DockerLogin {
  readonly username: string;
  readonly password: string;
}

/**
 * The logins in a Docker config by host, if it has a form that {@link dockerConfig} makes: nothing but `auths`, where each
 * entry has `auth` alone, or a username, a password and the `auth` of both. Undefined for any other text.
 */
export function readDockerConfig(text: string): ReadonlyMap<string, DockerLogin> | undefined {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return undefined;
  }
  const auths = onlyFields(config, ['auths'])?.['auths'];
  if (typeof auths !== 'object' || auths === null || Array.isArray(auths)) return undefined;
  const logins = new Map<string, DockerLogin>();
  for (const [host, entry] of Object.entries(auths as Record<string, unknown>)) {
    const login = loginOf(entry);
    if (login === undefined) return undefined;
    logins.set(host, login);
  }
  return logins;
}

function loginOf(value: unknown): DockerLogin | undefined {
  const alone = onlyFields(value, ['auth']);
  if (alone !== undefined) return typeof alone['auth'] === 'string' ? decoded(alone['auth']) : undefined;
  const { username, password, auth } = onlyFields(value, ['auth', 'password', 'username']) ?? {};
  if (typeof username !== 'string' || typeof password !== 'string') return undefined;
  const isOurs = username !== '' && password !== '' && auth === basicAuth(username, password);
  return isOurs ? { username, password } : undefined;
}

/** The login in an `auth`. Node decodes almost any text, so the result is encoded again. */
function decoded(auth: string): DockerLogin | undefined {
  const [, username, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  if (username === undefined || password === undefined) return undefined;
  return basicAuth(username, password) === auth ? { username, password } : undefined;
}

/** The value, if it is an object with exactly these fields. */
function onlyFields(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).sort().join() === names.join()
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function basicAuth(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}
