import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonSyntaxError } from './json-scanner.ts';
import { GoJsonError, goPrint, parseGoJson } from './json.ts';

const complaint = (text: string) => jsonSyntaxError(Buffer.from(text));

describe('what Go says about a text that is not JSON', () => {
  // Each line was read off a kube-apiserver 1.36.
  it.each([
    ['', 'unexpected end of JSON input'],
    [' ', 'unexpected end of JSON input'],
    ['{"a":', 'unexpected end of JSON input'],
    ['"abc', 'unexpected end of JSON input'],
    ['[1,', 'unexpected end of JSON input'],
    ['hello', "invalid character 'h' looking for beginning of value"],
    ['\u0014\u0002\u0084', "invalid character '\\x14' looking for beginning of value"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['\n}', "invalid character '}' looking for beginning of value"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['01', "invalid character '1' after top-level value"],
    ['nul', "invalid character ' ' in literal null (expecting 'l')"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['fals3', "invalid character '3' in literal false (expecting 'e')"],
    ['"\u0001"', "invalid character '\\x01' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12x4"', "invalid character 'x' in \\u hexadecimal character escape"],
    ['-', "invalid character ' ' in numeric literal"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.', "invalid character ' ' after decimal point in numeric literal"],
    ['1e', "invalid character ' ' in exponent of numeric literal"],
  ])('%j', (text, words) => {
    expect(complaint(text)).toBe(words);
  });

  it('is nothing for what JSON.parse can read, and something for what it cannot', () => {
    const almost = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '0', 'e', '-', 'x', ' '))
      .map(([text, at, change]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + change + text.slice(place + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), almost, fc.string()), (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(complaint(text) === undefined).toBe(isJson);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is what parsing throws', () => {
    expect(() => parseGoJson(Buffer.from('[1 2]'))).toThrow(
      new GoJsonError("invalid character '2' after array element"),
    );
    expect(parseGoJson(Buffer.from('[1, 2]'))).toEqual([1, 2]);
  });
});

it('maps are printed as by Go', () => {
  expect(goPrint({ b: ['x', 1], a: { c: true, d: null } })).toBe('map[a:map[c:true d:<nil>] b:[x 1]]');
});
