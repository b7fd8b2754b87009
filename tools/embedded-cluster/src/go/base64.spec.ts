import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalBase64, illegalBase64 } from './base64.ts';

describe('Base64 as Go reads it', () => {
  // Each line was read off a kube-apiserver 1.36.
  it.each([
    ['!!!!', 0],
    ['abc', 0],
    ['QQ ==', 2],
    ['QQ==QQ==', 4],
    ['ab-_', 2],
    ['QUJD!UJD', 4],
    ['=', 0],
    ['QUJDR', 4],
    ['QQ=', 3],
  ])('%j stops at byte %d', (text, at) => {
    expect(illegalBase64(text)).toBe(at);
  });

  it.each(['', 'FAKE', 'QQ==', 'QQ\n==', 'Q\r\nQ==\n', 'QR=='])('%j can be read', (text) => {
    expect(illegalBase64(text)).toBeUndefined();
  });

  it('writes unused bits as zero', () => {
    expect(canonicalBase64('QR==')).toBe('QQ==');
    expect(canonicalBase64('QUJ=')).toBe('QUI=');
  });

  it('reads all that is written, with line ends anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, at) => {
        const text = Buffer.from(bytes).toString('base64');
        const place = at % (text.length + 1);
        const broken = `${text.slice(0, place)}\n${text.slice(place)}`;
        expect(illegalBase64(broken)).toBeUndefined();
        expect(canonicalBase64(broken)).toBe(text);
      }),
    );
  });
});
