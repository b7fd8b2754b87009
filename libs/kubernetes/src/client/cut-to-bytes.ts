const ELLIPSIS = '…';

/** A text of at most so many bytes of UTF-8. One that is longer is cut between two characters, and ends with `…`. */
export function cutToBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const room = new Uint8Array(most - Buffer.byteLength(ELLIPSIS));
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read) + ELLIPSIS;
}
