import { errorFacts } from './facts.ts';

/** The longest message, in characters. Those of AWS are shorter. */
const LONGEST = 200;

/** How many characters are looked at. A stranger may answer with megabytes, on which the patterns below are slow. */
const LONGEST_READ = 1_000;

/**
 * What may be kept of an error of the SDK: its name, its code and, if AWS answered with it, the first sentence of its
 * message, shortened and without what may be secret. The original may hold a whole response. The syntax errors of V8
 * quote the text that they could not read. Some messages of AWS quote the signed request with its session token, or an
 * invalid value.
 */
export function sanitized(error: unknown): Error {
  const { name, code, message, fromService } = errorFacts(error);
  const cause = new Error(
    fromService ? redacted(firstSentence(message.slice(0, LONGEST_READ))).slice(0, LONGEST) : '',
  );
  cause.name = name;
  if (code !== '') Object.assign(cause, { code });
  // The original stack is lost; the stack of this function would be misleading.
  cause.stack = `${name}${cause.message && `: ${cause.message}`}`;
  return cause;
}

function firstSentence(message: string): string {
  return message.split(/[\n\r]|\.\s/, 1).join('');
}

/** ARNs, actions, host names, times and plain words. Any other long word may be a key or a token. */
const HARMLESS = /^(?:arn:aws[\w-]*:[\w+=,.@:/-]+|[A-Za-z]+(?::[A-Za-z]+)?|[a-z\d.-]+|\d[\dTZ:.-]*)$/;

function isHarmless(word: string): boolean {
  return word.length <= LONGEST && HARMLESS.test(word.replaceAll(/^\W+|\W+$/g, ''));
}

function redacted(sentence: string): string {
  return sentence
    .replace(/(Value|Authorization|Credential)(\W+)'[^']*('|$)/g, "$1$2'[redacted]'")
    .replace(/\S{16,}/g, (word) => (isHarmless(word) ? word : '[redacted]'));
}
