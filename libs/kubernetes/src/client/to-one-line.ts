import { cutToBytes } from './cut-to-bytes.ts';

/** Bytes. A termination message has 4,096, and contains up to three messages of others beside our own text. */
const LONGEST_MESSAGE = 1_000;

/** Control characters, format characters such as a change of direction, line separators, and halves of characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** The API server names the whole URL of a webhook that it cannot call. Its path may contain a key. */
const PATH_OF_URL = /(\bhttps?:\/\/[^\s"'/]+)\/[^\s"']*/g;

/**
 * Makes a message of others, such as the API server and webhooks, safe for a log line that people and programs read: one
 * line of limited length, without invisible characters and without the paths of URLs.
 */
export function toOneLine(message: string): string {
  return cutToBytes(message.replaceAll(INVISIBLE, ' ').replaceAll(PATH_OF_URL, '$1/…'), LONGEST_MESSAGE);
}
