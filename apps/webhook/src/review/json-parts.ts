const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** How many values JSON holds at most: its commas and opening brackets, those within strings as well. */
export function countParts(json: Buffer): number {
  let count = 0;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (byte === COMMA || byte === BRACE || byte === BRACKET) count += 1;
  }
  return count;
}
