import { describe, expect, it } from '@jest/globals';
import { printedAtOnce, USAGE } from './help.ts';
import { schema } from './config.ts';

describe('the command line of the refresher', () => {
  it.each([[['--help']], [['-h']], [['check', '--help']], [['--threshold', '1h', '-h', '--nonsense']]])(
    'explains itself with %j',
    (args) => {
      expect(printedAtOnce(args)).toBe(USAGE);
    },
  );

  it('says its version', () => {
    expect(printedAtOnce(['--version'])).toMatch(/^refresher \d+\.\d+\.\d+/);
  });

  it.each([[[]], [['check', 'default']], [['--context', 'staging', '--dry-run']], [['--', '--help']]])(
    'leaves %j to the program',
    (args) => {
      expect(printedAtOnce(args)).toBeUndefined();
    },
  );

  it('explains every setting', () => {
    for (const name of Object.keys(schema.shape)) expect(USAGE).toContain(name);
  });
});
