import { cutToBytes } from './cut-to-bytes.ts';

/** Bytes. A Pod's termination message has 4,096, and holds up to three messages of others and our own words. */
const LONGEST_MESSAGE = 1_000;

/** Controls, formats such as those that turn the direction of a text, separators of lines, and halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/**
 * What others say, such as the API server and the webhooks that it calls, as it may stand in a log and in a last line that
 * people and programs read: in one line, with nothing in it that cannot be seen, and not too long.
 */
export function oneLine(message: string): string {
  return cutToBytes(message.replaceAll(UNSEEN, ' '), LONGEST_MESSAGE);
}
