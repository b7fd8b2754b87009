import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { EcrTokenError } from '../../errors/error.ts';
import { readSmallFile, type UnreadableFileError } from '../../settings/small-file.ts';

/** The files have the names of the environment variables. The session token is optional. */
const FILES = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
} as const;

/**
 * Reads static keys from a directory, such as a Secret that kubelet has mounted.
 *
 * @throws `EcrTokenError` with `credentials-missing` that names the file.
 */
export async function fromKeysDirectory(directory: string): Promise<AwsCredentialIdentity> {
  const version = await currentVersion(directory);
  const [read] = await Promise.allSettled([readKeys(version, directory)]);
  // The files were replaced meanwhile: some may have been removed before they were read.
  if ((await currentVersion(directory)) !== version) return fromKeysDirectory(directory);
  if (read.status === 'rejected') throw read.reason;
  return read.value;
}

async function readKeys(version: string, directory: string): Promise<AwsCredentialIdentity> {
  const key = (name: string) => readKey(version, name, directory);
  const [accessKeyId, secretAccessKey, sessionToken] = await Promise.all([
    key(FILES.accessKeyId),
    key(FILES.secretAccessKey),
    key(FILES.sessionToken),
  ]);
  if (accessKeyId === undefined) throw missing(directory, FILES.accessKeyId);
  if (secretAccessKey === undefined) throw missing(directory, FILES.secretAccessKey);
  return { accessKeyId, secretAccessKey, sessionToken };
}

/**
 * Kubelet replaces all files of a volume at once, through the link `..data`. A folder in the volume is a link through it.
 * Reading the target never mixes old and new files.
 */
function currentVersion(directory: string): Promise<string> {
  return realpath(join(directory, '..data')).catch(() => realpath(directory).catch(() => directory));
}

async function readKey(version: string, name: string, directory: string): Promise<string | undefined> {
  try {
    const value = (await readSmallFile(join(version, name))).trim();
    return value === '' ? undefined : value;
  } catch (error) {
    const { code, reason } = error as UnreadableFileError;
    if (code === 'ENOENT') return undefined;
    throw unreadable(directory, name, reason);
  }
}

function missing(directory: string, name: string): EcrTokenError {
  return unreadable(directory, name, 'is missing or empty');
}

function unreadable(directory: string, name: string, why: string): EcrTokenError {
  return new EcrTokenError({
    code: 'credentials-missing',
    message: `${join(directory, name)} ${why}`,
    remedy: `put ${FILES.accessKeyId} and ${FILES.secretAccessKey} there, or into the Secret that is mounted there`,
  });
}
