import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EcrTokenError } from '../errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Reads root certificates that are trusted in place of the usual ones, as the AWS CLI and the SDK for Go do with
 * `AWS_CA_BUNDLE` (to add to the usual ones, Node has `NODE_EXTRA_CA_CERTS`).
 *
 * @throws `EcrTokenError` with `invalid-settings` that names the file: Node would take an unreadable bundle for an empty
 * one, and every certificate for a wrong one.
 */
export function readCaBundle(file: string): string {
  const certificates = readText(file).match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw unusable(file, 'it holds no PEM certificate');
  certificates.forEach((certificate, index) => {
    try {
      new X509Certificate(certificate);
    } catch {
      throw unusable(file, `its certificate ${index + 1} cannot be read`);
    }
  });
  return certificates.join('\n');
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(file, `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

function unusable(file: string, why: string): EcrTokenError {
  return new EcrTokenError({
    code: 'invalid-settings',
    message: `AWS_CA_BUNDLE names ${file}, but ${why}`,
    remedy: 'point AWS_CA_BUNDLE to a readable PEM file, or unset it',
  });
}
