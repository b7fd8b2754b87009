type Step = (byte: number) => Step;

/** What is wrong with a text that is not JSON, in the words of Go's encoding/json (a port of its scanner). */
export function jsonSyntaxError(text: Buffer): string | undefined {
  try {
    const scanner = new Scanner();
    let step = scanner.value;
    for (const byte of text) step = step(byte);
    // At the end Go pretends that a blank follows, so that numbers and literals end.
    if (!scanner.ended) step(0x20);
    return scanner.ended ? undefined : 'unexpected end of JSON input';
  } catch (error) {
    if (error instanceof GoSyntaxError) return error.message;
    throw error;
  }
}

class GoSyntaxError extends Error {}

class Scanner {
  /** The value at the top is complete. */
  ended = false;
  readonly #open: ('key' | 'value' | 'element')[] = [];

  readonly value: Step = (byte) => {
    if (isBlank(byte)) return this.value;
    const character = String.fromCharCode(byte);
    if (character === '{') {
      this.#open.push('key');
      return this.#firstKey;
    }
    if (character === '[') {
      this.#open.push('element');
      return this.#firstElement;
    }
    if (character === '"') return this.#string;
    if (character === '-') return this.#negative;
    if (character === '0') return this.#zero;
    if (isDigit(byte)) return this.#integer;
    if (character === 't') return this.#literal('true', 1);
    if (character === 'f') return this.#literal('false', 1);
    if (character === 'n') return this.#literal('null', 1);
    return fail(byte, 'looking for beginning of value');
  };

  readonly #firstElement: Step = (byte) => {
    if (isBlank(byte)) return this.#firstElement;
    return byte === 0x5d ? this.#close() : this.value(byte);
  };

  readonly #firstKey: Step = (byte) => {
    if (isBlank(byte)) return this.#firstKey;
    return byte === 0x7d ? this.#close() : this.#key(byte);
  };

  readonly #key: Step = (byte) => {
    if (isBlank(byte)) return this.#key;
    return byte === 0x22 ? this.#string : fail(byte, 'looking for beginning of object key string');
  };

  readonly #string: Step = (byte) => {
    if (byte === 0x22) return this.#after;
    if (byte === 0x5c) return this.#escape;
    return byte < 0x20 ? fail(byte, 'in string literal') : this.#string;
  };

  readonly #escape: Step = (byte) => {
    const character = String.fromCharCode(byte);
    if (character === 'u') return this.#hex(4);
    return '"\\/bfnrt'.includes(character) ? this.#string : fail(byte, 'in string escape code');
  };

  #hex(left: number): Step {
    if (left === 0) return this.#string;
    return (byte) =>
      /[0-9a-fA-F]/.test(String.fromCharCode(byte))
        ? this.#hex(left - 1)
        : fail(byte, 'in \\u hexadecimal character escape');
  }

  #literal(word: string, at: number): Step {
    if (at === word.length) return this.#after;
    return (byte) =>
      byte === word.charCodeAt(at)
        ? this.#literal(word, at + 1)
        : fail(byte, `in literal ${word} (expecting '${word[at]}')`);
  }

  readonly #negative: Step = (byte) => {
    if (byte === 0x30) return this.#zero;
    return isDigit(byte) ? this.#integer : fail(byte, 'in numeric literal');
  };

  readonly #integer: Step = (byte) => (isDigit(byte) ? this.#integer : this.#zero(byte));

  readonly #zero: Step = (byte) => {
    if (byte === 0x2e) return this.#point;
    return isExponent(byte) ? this.#exponent : this.#after(byte);
  };

  readonly #point: Step = (byte) =>
    isDigit(byte) ? this.#fraction : fail(byte, 'after decimal point in numeric literal');

  readonly #fraction: Step = (byte) => {
    if (isDigit(byte)) return this.#fraction;
    return isExponent(byte) ? this.#exponent : this.#after(byte);
  };

  readonly #exponent: Step = (byte) => (byte === 0x2b || byte === 0x2d ? this.#power : this.#power(byte));

  readonly #power: Step = (byte) =>
    isDigit(byte) ? this.#powerRest : fail(byte, 'in exponent of numeric literal');

  readonly #powerRest: Step = (byte) => (isDigit(byte) ? this.#powerRest : this.#after(byte));

  /** After a value. */
  readonly #after: Step = (byte) => {
    const inside = this.#open.at(-1);
    if (inside === undefined) {
      this.ended = true;
      return this.#end(byte);
    }
    if (isBlank(byte)) return this.#after;
    const character = String.fromCharCode(byte);
    if (inside === 'key') {
      if (character !== ':') return fail(byte, 'after object key');
      this.#open[this.#open.length - 1] = 'value';
      return this.value;
    }
    if (inside === 'element') {
      if (character === ',') return this.value;
      return character === ']' ? this.#close() : fail(byte, 'after array element');
    }
    if (character === '}') return this.#close();
    if (character !== ',') return fail(byte, 'after object key:value pair');
    this.#open[this.#open.length - 1] = 'key';
    return this.#key;
  };

  #close(): Step {
    this.#open.pop();
    if (this.#open.length > 0) return this.#after;
    this.ended = true;
    return this.#end;
  }

  readonly #end: Step = (byte) => (isBlank(byte) ? this.#end : fail(byte, 'after top-level value'));
}

function fail(byte: number, where: string): never {
  throw new GoSyntaxError(`invalid character ${quoted(byte)} ${where}`);
}

/** As Go's `%q` of the byte taken for a character. */
function quoted(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === 0x5c) return "'\\\\'";
  const named = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }[byte];
  if (named !== undefined) return `'${named}'`;
  const hex = byte.toString(16).padStart(2, '0');
  if (byte < 0x20 || byte === 0x7f) return `'\\x${hex}'`;
  // Not printable for Go: the C1 controls, the no-break space and the soft hyphen.
  if ((byte >= 0x80 && byte <= 0xa0) || byte === 0xad) return `'\\u00${hex}'`;
  return `'${String.fromCharCode(byte)}'`;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isExponent(byte: number): boolean {
  return byte === 0x65 || byte === 0x45;
}
