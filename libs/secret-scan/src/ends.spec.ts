import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANNOTATIONS } from './contract.ts';
import { MISSING, missingOf, readEnds, writeEnds } from './ends.ts';

const TEXT = 'default/eu-west-1=2026-01-02T03:04:05.678Z, team-a/us-east-1=missing';

function withText(text: string) {
  return { annotations: { [ANNOTATIONS.expiresAtEach]: text } };
}

describe('the ends of several credentials in a Secret', () => {
  it('are read as they were written', () => {
    const ends = readEnds(withText(TEXT));
    expect([...ends!]).toEqual([
      ['default/eu-west-1', Date.parse('2026-01-02T03:04:05.678Z')],
      ['team-a/us-east-1', MISSING],
    ]);
    expect(writeEnds(ends!)).toBe(TEXT);
    expect(missingOf(withText(TEXT))).toEqual(['team-a/us-east-1']);
  });

  it('of thirty credentials with the longest names can be read', () => {
    const ends = new Map(
      Array.from({ length: 30 }, (_, index) => [
        `${'p'.repeat(63)}/ap-southeast-${index}`,
        1_800_000_000_000,
      ]),
    );
    expect(readEnds(withText(writeEnds(ends)))).toEqual(ends);
  });

  it.each([
    '',
    'default/eu-west-1',
    'default/eu-west-1=tomorrow',
    'default/eu-west-1=missing=missing',
    'eu-west-1=missing',
    'default/eu-west-1=missing,default/us-east-1=missing',
    '<b>/eu-west-1=missing',
    'default/eu-west-1=2026-01-02T03:04:05.678Z, default/eu-west-1=missing',
    'default/eu-west-1=missing, ',
    'default/eu-west-1=0',
    'default/eu-west-1=-000001-01-01T00:00:00.000Z',
    'default/eu-west-1=' + '2026-01-02T03:04:05.678Z'.repeat(200),
    'x'.repeat(5_000),
  ])('are unknown if somebody wrote %j', (text) => {
    expect(readEnds(withText(text))).toBeUndefined();
    expect(missingOf(withText(text))).toEqual([]);
  });

  it('are unknown without the annotation', () => {
    expect(readEnds(undefined)).toBeUndefined();
    expect(missingOf({})).toEqual([]);
  });

  it('are read from any text without an exception, and are then what this text says', () => {
    const part = fc.tuple(
      fc.constantFrom('default/eu-west-1', 'a/us-east-1', 'x', ''),
      fc.constantFrom('missing', '2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05Z', 'x', ''),
    );
    const list = fc.array(part.map((parts) => parts.join('='))).map((parts) => parts.join(', '));
    fc.assert(
      fc.property(fc.oneof(fc.string(), list), (text) => {
        const ends = readEnds(withText(text));
        if (ends !== undefined) expect(readEnds(withText(writeEnds(ends)))).toEqual(ends);
        if (ends !== undefined) expect(text.split(', ')).toHaveLength(ends.size);
      }),
    );
  });
});
