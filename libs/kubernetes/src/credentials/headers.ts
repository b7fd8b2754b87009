import { AccessError } from '../kubeconfig/access-error.ts';

/** Headers of a request, some of them several times. */
export type Headers = Readonly<Record<string, string | string[]>>;

/**
 * A text as Node takes it for a header: a character for each of its bytes.
 *
 * @param field - where it was said, for messages
 * @throws AccessError where a header may not hold it
 */
export function headerValue(text: string, field: string): string {
  if (/[^\t\x20-\x7e\u0080-\u{10ffff}]/u.test(text))
    throw new AccessError(`${field}: a line feed or another control character stands in it`);
  return Buffer.from(text).toString('latin1');
}
