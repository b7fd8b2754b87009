import { describe, expect, it } from '@jest/globals';
import { cutToBytes } from './cut-to-bytes.ts';
import { oneLine } from './one-line.ts';

describe('a message of somebody else', () => {
  it.each([
    ['a line feed', 'no\r\n\tchecked 5'],
    ['a line separator', 'no\u2028checked 5'],
    ['a paragraph separator', 'no\u2029checked 5'],
    ['an escape of the terminal', 'no\u001b\u009bchecked 5'],
    ['a change of direction', 'no\u202e\u2066checked 5'],
    ['what has no width', 'no\u200b\ufeff\u00adchecked 5'],
    ['a tag', 'no\u{e0041}checked 5'],
    ['half a character', 'no\ud83dchecked 5'],
  ])('has a space in place of %s', (_, message) => {
    expect(oneLine(message)).toBe('no checked 5');
  });

  it('keeps what can be seen, in any script', () => {
    const message = 'webhook "x": Größe 大きい 😀 — «nein»';
    expect(oneLine(message)).toBe(message);
  });

  it.each(['x', 'é', '大', '😀'])(
    'has at most a thousand bytes, and ends with a whole character: %s',
    (letter) => {
      for (let shift = 0; shift < 4; shift++) {
        const told = oneLine('-'.repeat(shift) + letter.repeat(2_000));
        expect(Buffer.byteLength(told)).toBeLessThanOrEqual(1_000);
        expect(Buffer.byteLength(told)).toBeGreaterThan(990);
        expect(told).toMatch(new RegExp(`^-{${shift}}(?:${letter})+…$`, 'u'));
      }
    },
  );
});

describe('a text that has room for so many bytes', () => {
  it('is left as it is where it fits', () => {
    expect(cutToBytes('大', 3)).toBe('大');
    expect(cutToBytes('大大', 5)).toBe('…');
    expect(cutToBytes('大大', 6)).toBe('大大');
  });
});
