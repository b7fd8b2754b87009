import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isNamespacePattern, matchesAny } from './namespace-patterns.ts';

describe('a pattern of namespaces', () => {
  it.each([
    ['team-a', 'team-a'],
    ['team-*', 'team-'],
    ['team-*', 'team-a-prod'],
    ['*-prod', 'team-a-prod'],
    ['*', 'any'],
    ['a*b*c', 'abc'],
    ['a*b*c', 'a-b-b-c'],
    ['a*bc', 'abcbc'],
    ['**', 'a'],
  ])('%s matches %s', (pattern, namespace) => {
    expect(isNamespacePattern(pattern)).toBe(true);
    expect(matchesAny(['other', pattern], namespace)).toBe(true);
  });

  it.each([
    ['team-a', 'team-a-prod'],
    ['team-a', 'my-team-a'],
    ['team-*', 'my-team-a'],
    ['*-prod', 'team-prod-a'],
    ['a*a', 'a'],
    ['ab*ba', 'aba'],
    ['a*b*c', 'a-c-b'],
    ['a*b*b', 'ab'],
    ['team-a', 'team-A'],
    ['team-a', ''],
    ['*', 'x'.repeat(64)],
  ])('%s does not match %s', (pattern, namespace) => {
    expect(matchesAny([pattern], namespace)).toBe(false);
  });

  it('matches what the same regular expression matches', () => {
    const text = (letters: string, maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...letters), maxLength });
    fc.assert(
      fc.property(text('aab*', 8), text('ab', 10), (pattern, namespace) => {
        const same = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(namespace);
        expect(matchesAny([pattern], namespace)).toBe(same);
      }),
      { numRuns: 5_000 },
    );
  });

  it('with many stars does not take long', () => {
    expect(matchesAny([`${'*a'.repeat(31)}b`], 'a'.repeat(63))).toBe(false);
  });

  it.each(['', 'Team', 'team_a', 'team.a', '/team-.*/', '-a', 'a-', 'a b', 'ä', 'a'.repeat(64)])(
    'cannot be %j',
    (text) => {
      expect(isNamespacePattern(text)).toBe(false);
    },
  );

  it('matches nothing if there is none', () => {
    expect(matchesAny([], 'team-a')).toBe(false);
  });
});
