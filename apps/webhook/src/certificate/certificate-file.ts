import { readRegularFile } from '@ecr-anywhere/kubernetes/files';

/** More than any chain of certificates, key or CA has. */
const MOST_BYTES = 1_024 * 1_024;

/**
 * Reads a file of certificates or of a key: a regular file, through symbolic links, of no more than 1 MiB. A named pipe
 * that nobody writes to does not hold the webhook.
 *
 * @throws Error, whose message names the file: `/tls/tls.crt cannot be read (ENOENT)`; its cause is the reader's
 */
export function readCertificateFile(path: string): string {
  try {
    return readRegularFile(path, MOST_BYTES);
  } catch (error) {
    throw new Error(`${path} ${(error as Error).message}`, { cause: error });
  }
}
