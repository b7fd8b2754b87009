import type { EcrToken } from '../token/token.ts';
import { EcrTokenError } from '../errors/error.ts';
import { registryMismatch } from './registry.ts';

/** What a registry host is given. */
export interface DockerAuth {
  readonly username: string;
  readonly password: string;
  /** Base64 of `username:password`. */
  readonly auth: string;
}

/** The content of `~/.docker/config.json`, and of a Secret of the type `kubernetes.io/dockerconfigjson`. */
export interface DockerConfig {
  readonly auths: Readonly<Record<string, DockerAuth>>;
}

/** A host and the token that opens it. */
export interface Grant {
  /** Without a scheme; with a port where the registry has one. A registry of ECR, or one in front of it. */
  readonly host: string;
  readonly token: Pick<EcrToken, 'username' | 'password' | 'region'>;
}

/**
 * A Docker config for one or several registry hosts. Holds passwords: handle it as one.
 *
 * @throws `EcrTokenError` with `invalid-settings` where a host is a registry of ECR that the token beside it does not open:
 * one of another region or partition, or ECR Public. Whether another host takes the token is not known here.
 */
export function dockerConfig(grants: Iterable<Grant>): DockerConfig {
  const auths: Record<string, DockerAuth> = Object.create(null) as Record<string, DockerAuth>;
  for (const { host, token } of grants) {
    const { username, password, region } = token;
    const mismatch = registryMismatch(host, region);
    if (mismatch !== undefined)
      throw new EcrTokenError({ code: 'invalid-settings', message: mismatch, remedy: REMEDY });
    auths[host] = { username, password, auth: basicAuth(username, password) };
  }
  return { auths };
}

const REMEDY =
  'leave it out, or give it a token of its own: ecrTokenProvider({ registry }) takes the region of a host';

/**
 * The hosts of a Docker config that looks as {@link dockerConfig} makes one: `auths` and nothing else, each entry with a
 * username, a password and the `auth` that belongs to them. Undefined for anything else, whatever it is.
 */
export function hostsOfDockerConfig(text: string): readonly string[] | undefined {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return undefined;
  }
  const auths = onlyFields(config, ['auths'])?.['auths'];
  if (typeof auths !== 'object' || auths === null || Array.isArray(auths)) return undefined;
  const entries = Object.entries(auths as Record<string, unknown>);
  return entries.every(([, entry]) => isAuth(entry)) ? entries.map(([host]) => host) : undefined;
}

function isAuth(value: unknown): boolean {
  const { username, password, auth } = onlyFields(value, ['auth', 'password', 'username']) ?? {};
  if (typeof username !== 'string' || typeof password !== 'string') return false;
  return username !== '' && password !== '' && auth === basicAuth(username, password);
}

/** The value as a record where it is an object with just these fields. */
function onlyFields(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).sort().join() === names.join()
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function basicAuth(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}
