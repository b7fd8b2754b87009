const SPACE = /^[ \t\r\n]*/;
const WORD = /^(?:[^ \t\r\n'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/;

/**
 * Splits a command line into words by a POSIX shell's rules for quotes and backslashes, and by no other rule of a
 * shell, as the AWS CLI does with Python's `shlex.split`.
 *
 * @returns undefined if a quotation is not closed, or a backslash has nothing after it
 * @see https://docs.python.org/3/library/shlex.html#parsing-rules
 */
export function shellWords(command: string): readonly string[] | undefined {
  const words: string[] = [];
  let rest = command.replace(SPACE, '');
  while (rest !== '') {
    const word = WORD.exec(rest)?.[0];
    if (word === undefined) return undefined;
    words.push(unquoted(word));
    const after = rest.slice(word.length);
    rest = after.replace(SPACE, '');
    if (rest !== '' && rest === after) return undefined; // an open quotation has ended the word
  }
  return words;
}

function unquoted(word: string): string {
  return word.replace(
    /\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/g,
    (_, escaped?: string, literal?: string, quoted?: string) =>
      escaped ?? literal ?? (quoted ?? '').replace(/\\(["\\])/g, '$1'),
  );
}
