const ELLIPSIS = '…';

/** Cuts a text to at most `most` bytes of UTF-8, between two characters. A text that was cut ends with `…`. */
export function cutToBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const room = new Uint8Array(most - Buffer.byteLength(ELLIPSIS));
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read) + ELLIPSIS;
}
