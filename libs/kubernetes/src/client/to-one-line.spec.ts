import { describe, expect, it } from '@jest/globals';
import { cutToBytes } from './cut-to-bytes.ts';
import { toOneLine } from './to-one-line.ts';

describe('a message from the API server or a webhook', () => {
  it.each([
    ['a line feed', 'no\r\n\tchecked 5'],
    ['a line separator', 'no\u2028checked 5'],
    ['a paragraph separator', 'no\u2029checked 5'],
    ['a terminal escape sequence', 'no\u001b\u009bchecked 5'],
    ['a change of direction', 'no\u202e\u2066checked 5'],
    ['characters without width', 'no\u200b\ufeff\u00adchecked 5'],
    ['a tag', 'no\u{e0041}checked 5'],
    ['half a character', 'no\ud83dchecked 5'],
  ])('has a space in place of %s', (_, message) => {
    expect(toOneLine(message)).toBe('no checked 5');
  });

  it('does not name the path of a webhook, which may contain a key', () => {
    const post = (url: string) => `failed to call webhook: Post "${url}": context deadline exceeded`;
    expect(toOneLine(post('https://webhook.ours.svc:443/sync/KEY?timeout=10s'))).toBe(
      post('https://webhook.ours.svc:443/…'),
    );
    expect(toOneLine(post('https://webhook.ours.svc:443'))).toBe(post('https://webhook.ours.svc:443'));
  });

  it('keeps visible characters of any script', () => {
    const message = 'webhook "x": Größe 大きい 😀 — «nein»';
    expect(toOneLine(message)).toBe(message);
  });

  it.each(['x', 'é', '大', '😀'])('is cut between two characters to 1,000 bytes: %s', (letter) => {
    for (let shift = 0; shift < 4; shift++) {
      const line = toOneLine('-'.repeat(shift) + letter.repeat(2_000));
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1_000);
      expect(Buffer.byteLength(line)).toBeGreaterThan(990);
      expect(line).toMatch(new RegExp(`^-{${shift}}(?:${letter})+…$`, 'u'));
    }
  });
});

describe('a text with a limit of bytes', () => {
  it('is cut only if it is too long', () => {
    expect(cutToBytes('大', 3)).toBe('大');
    expect(cutToBytes('大大', 5)).toBe('…');
    expect(cutToBytes('大大', 6)).toBe('大大');
  });
});
