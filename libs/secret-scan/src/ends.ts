import { annotation, type ObjectMeta } from './contract.ts';
import { readTime } from './time.ts';

/**
 * When each of several credentials in one Secret ends, in milliseconds since 1970, or that it is missing. They are named
 * `PROFILE/REGION`.
 */
export type Ends = ReadonlyMap<string, number | typeof MISSING>;

/** In place of a time: the Secret should have this credential, and nobody knows whether one is in it that works. */
export const MISSING = 'missing';

/** Characters. A name and a time take some 120, and a Secret has thirty credentials at most. */
const LONGEST_TEXT = 4 * 1024;

const NAME = /^[a-z0-9][a-z0-9.-]{0,252}\/[a-z0-9-]{1,63}$/;

/** The text of the annotation `expires_at_each`: `default/eu-west-1=2026-01-02T15:04:05.000Z, default/us-east-1=missing`. */
export function writeEnds(ends: Ends): string {
  return [...ends]
    .map(([name, end]) => `${name}=${end === MISSING ? MISSING : new Date(end).toISOString()}`)
    .join(', ');
}

/**
 * Reads the annotation `expires_at_each`. Anyone may have written it.
 *
 * @returns undefined if it is absent or has another form than {@link writeEnds} gives
 */
export function readEnds(metadata: ObjectMeta | null | undefined): Ends | undefined {
  const text = annotation(metadata, 'expiresAtEach');
  if (text === undefined || text.length > LONGEST_TEXT) return undefined;
  const ends = new Map<string, number | typeof MISSING>();
  for (const part of text.split(', ')) {
    const [name = '', value = '', ...more] = part.split('=');
    const end = value === MISSING ? MISSING : readTime(value);
    if (!NAME.test(name) || end === undefined || more.length > 0 || ends.has(name)) return undefined;
    ends.set(name, end);
  }
  return ends;
}

/** The names of the credentials that a Secret should have and does not, as its annotations say. */
export function missingOf(metadata: ObjectMeta | null | undefined): readonly string[] {
  return [...(readEnds(metadata) ?? [])].filter(([, end]) => end === MISSING).map(([name]) => name);
}
