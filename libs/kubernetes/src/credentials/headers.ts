import { AccessError } from '../kubeconfig/access-error.ts';

/** Headers of a request. A list is one header, sent several times. */
export type Headers = Readonly<Record<string, string | string[]>>;

/**
 * Encodes a text as Node expects it for a header: one character for each byte of UTF-8.
 *
 * @param field - where the text comes from, for messages
 * @throws AccessError if a header must not contain it
 */
export function headerValue(text: string, field: string): string {
  if (/[^\t\x20-\x7e\u0080-\u{10ffff}]/u.test(text))
    throw new AccessError(`${field}: it contains a line feed or another control character`);
  return Buffer.from(text).toString('latin1');
}
