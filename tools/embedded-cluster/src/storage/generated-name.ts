import { randomInt } from 'node:crypto';

/** Without vowels and what looks alike, so that no word comes out: apimachinery's util/rand. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A name made of `generateName`: five characters more. */
export function generatedName(base: string): string {
  const suffix = Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return base.slice(0, 63 - 5) + suffix;
}
