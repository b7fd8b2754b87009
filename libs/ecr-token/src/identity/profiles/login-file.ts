import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { refusal } from '../../errors/refusal.ts';
import { read, type Environment } from '../../settings/environment.ts';
import { jsonObject } from '../../settings/json-object.ts';
import { homeOf } from '../../settings/shared-config.ts';
import { readSmallFile, type UnreadableFileError } from '../../settings/small-file.ts';

/** Where `aws sso login` stores a login. The name of the file comes from the session's name or the portal's URL. */
export function ssoLoginFile(env: Environment, sessionOrUrl: string): string {
  return join(homeOf(env), '.aws', 'sso', 'cache', `${hash('sha1', sessionOrUrl)}.json`);
}

/** Where `aws login` stores a login. */
export function consoleLoginFile(env: Environment, session: string): string {
  const folder = read(env, 'AWS_LOGIN_CACHE_DIRECTORY') ?? join(homeOf(env), '.aws', 'login', 'cache');
  return join(folder, `${hash('sha256', session)}.json`);
}

/**
 * Reads the file of a login before the SDK does: the SDK reports every fault of the file as a missing session.
 *
 * @param whose - such as `The profile ci`
 * @throws `EcrTokenError` with `credentials-missing`
 */
export async function readLogin(
  file: string,
  whose: string,
  remedy: string,
): Promise<Readonly<Record<string, unknown>>> {
  let why = 'holds no JSON';
  try {
    const fields = jsonObject(await readSmallFile(file));
    if (fields !== undefined) return fields;
  } catch (error) {
    why = (error as UnreadableFileError).reason;
  }
  throw refusal('credentials-missing', `${whose} has no login on this machine: ${file} ${why}`, remedy);
}

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}
