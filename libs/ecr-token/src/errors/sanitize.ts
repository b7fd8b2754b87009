import { errorFacts } from './facts.ts';

/** Characters of a message; AWS's own are shorter. */
const LONGEST = 200;

/** Of what is looked at: whoever answers in AWS's place may send megabytes, and the patterns below take their time. */
const LONGEST_READ = 1_000;

/**
 * What may be kept of an error of the SDK's. The original may hold a whole response, V8's syntax errors quote the text
 * they could not read, and some of AWS's messages quote the signed request with its session token, or a value that it
 * did not like. So: name, code, and of a service's own error the first sentence, cut short, without what may be secret.
 */
export function sanitized(error: unknown): Error {
  const { name, code, message, fromService } = errorFacts(error);
  const cause = new Error(
    fromService ? redacted(firstSentence(message.slice(0, LONGEST_READ))).slice(0, LONGEST) : '',
  );
  cause.name = name;
  if (code !== '') Object.assign(cause, { code });
  // Its own stack would begin here and tell nothing.
  cause.stack = `${name}${cause.message && `: ${cause.message}`}`;
  return cause;
}

function firstSentence(message: string): string {
  return message.split(/[\n\r]|\.\s/, 1).join('');
}

/** ARNs, actions, host names and plain words: what else is long may be a key or a token. */
const HARMLESS = /^(?:arn:aws[\w-]*:[\w+=,.@:/-]+|[A-Za-z]+(?::[A-Za-z]+)?|[a-z\d.-]+|\d[\dTZ:.-]*)$/;

function isHarmless(word: string): boolean {
  return word.length <= LONGEST && HARMLESS.test(word.replaceAll(/^\W+|\W+$/g, ''));
}

function redacted(sentence: string): string {
  return sentence
    .replace(/(Value|Authorization|Credential)(\W+)'[^']*('|$)/g, "$1$2'[redacted]'")
    .replace(/\S{16,}/g, (word) => (isHarmless(word) ? word : '[redacted]'));
}
