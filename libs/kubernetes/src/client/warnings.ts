import { toOneLine } from './to-one-line.ts';

/** One warning of a header: `299 - "text"`. */
const WARNING = /\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;

/**
 * Reads the warnings of an answer, those of webhooks included. Each is one line of limited length. Node accepts no more than
 * 16 KiB of headers.
 *
 * @param header - all `Warning` headers, joined with commas
 */
export function readWarnings(header: string | undefined): readonly string[] {
  const texts = [...(header ?? '').matchAll(WARNING)].map(([, text = '']) => text);
  return texts.map((text) => toOneLine(text.replaceAll(/\\(.)/g, '$1')));
}
