import { oneLine } from './one-line.ts';

/** `299 - "text"`, one after another. */
const WARNING = /\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;

/**
 * The warnings that came with an answer, of webhooks too, each as it may stand in a log. Node takes no more than 16 KiB of
 * headers.
 *
 * @param header - all `Warning` headers, joined with commas
 */
export function readWarnings(header: string | undefined): readonly string[] {
  const texts = [...(header ?? '').matchAll(WARNING)].map(([, text = '']) => text);
  return texts.map((text) => oneLine(text.replaceAll(/\\(.)/g, '$1')));
}
