import { describe, expect, it } from '@jest/globals';
import { help, helpOrVersion } from './help.ts';
import * as types from './setting-types.ts';
import { SETTING_ROWS } from './settings.ts';

describe('the help of the refresher', () => {
  it.each([[['--help']], [['-h']], [['check', '--help']], [['--threshold', '1h', '-h', '--nonsense']]])(
    'is printed for %j',
    (args) => {
      expect(helpOrVersion(args)).toBe(help());
    },
  );

  it.each([[[]], [['check', 'default']], [['--context', 'staging', '--dry-run']], [['--', '--help']]])(
    'is not printed for %j',
    (args) => {
      expect(helpOrVersion(args)).toBeUndefined();
    },
  );

  it.each(SETTING_ROWS)('names %s and its flag, and has lines of 80 columns', (name, { flag = '' }) => {
    expect(help()).toContain(name);
    expect(help()).toContain(flag);
    expect(
      help()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  const withDefault = SETTING_ROWS.flatMap(([name, { type, default: text }]) =>
    text === undefined || name === 'TERMINATION_MESSAGE_PATH' ? [] : [{ name, type, text }],
  );
  it.each(withDefault)('has the default that $name really has: $text', ({ type, text }) => {
    expect(type(types, text).parse(undefined)).toEqual(type(types, text).parse(text));
  });
});

it('the version of the refresher is that of its package', () => {
  expect(helpOrVersion(['--version'])).toMatch(/^refresher \d+\.\d+\.\d+/);
});
