/** Base64 as it is written: without line ends, the unused bits zero. */
const CANONICAL = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
const ALPHABET = /[A-Za-z0-9+/]/;

/**
 * Where Go's `base64.StdEncoding` stops reading, which is what the API server tells about bad `data`. Line ends are
 * skipped wherever they are.
 *
 * @returns undefined where all of it can be read
 */
export function illegalBase64(text: string): number | undefined {
  if (CANONICAL.test(text)) return undefined;
  const skipLineEnds = (from: number) => {
    let at = from;
    while (text[at] === '\n' || text[at] === '\r') at++;
    return at;
  };
  let at = 0;
  for (;;) {
    for (let place = 0; place < 4; place++) {
      at = skipLineEnds(at);
      if (at >= text.length) return place === 0 ? undefined : at - place;
      const character = text[at++] ?? '';
      if (ALPHABET.test(character)) continue;
      if (character !== '=' || place < 2) return at - 1;
      if (place === 2) {
        at = skipLineEnds(at);
        if (at >= text.length) return text.length;
        if (text[at] !== '=') return at - 1;
        at++;
      }
      at = skipLineEnds(at);
      return at < text.length ? at : undefined;
    }
  }
}

/** The same bytes, as Go would write them. @throws never: ask {@link illegalBase64} first */
export function canonicalBase64(text: string): string {
  return CANONICAL.test(text) ? text : Buffer.from(text, 'base64').toString('base64');
}
