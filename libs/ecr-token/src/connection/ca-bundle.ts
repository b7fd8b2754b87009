import { X509Certificate } from 'node:crypto';
import { EcrTokenError } from '../errors/error.ts';
import { MEBIBYTE, readSmallFileSync, type UnreadableFileError } from '../settings/small-file.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** All public root certificates are a quarter of a mebibyte. */
const LARGEST = 16 * MEBIBYTE;

/**
 * Reads root certificates that replace the usual ones, as the AWS CLI and the SDK for Go do with `AWS_CA_BUNDLE`.
 * (`NODE_EXTRA_CA_CERTS` adds to the usual ones.)
 *
 * @throws `EcrTokenError` with `invalid-settings` that names the file: Node takes an unreadable bundle for an empty
 * one, and then rejects every certificate.
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
    return readSmallFileSync(file, LARGEST);
  } catch (error) {
    throw unusable(file, `it ${(error as UnreadableFileError).reason}`);
  }
}

function unusable(file: string, why: string): EcrTokenError {
  return new EcrTokenError({
    code: 'invalid-settings',
    message: `AWS_CA_BUNDLE names ${file}, but ${why}`,
    remedy: 'point AWS_CA_BUNDLE to a readable PEM file, or unset it',
  });
}
