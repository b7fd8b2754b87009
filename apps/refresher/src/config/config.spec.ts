import { describe, expect, it } from '@jest/globals';
import { outputOf, readConfig } from './config.ts';

describe('the settings of the refresher', () => {
  it('have defaults, and flags win over variables', () => {
    expect(readConfig([], {})).toMatchObject({
      threshold: 21_600_000,
      concurrency: 10,
      pageSize: 500,
      namespaces: [],
      dryRun: false,
    });
    expect(
      readConfig(['--concurrency', '3', '--dry-run'], { CONCURRENCY: '7', NAMESPACES: 'a,b' }),
    ).toMatchObject({
      concurrency: 3,
      dryRun: true,
      namespaces: ['a', 'b'],
    });
  });

  it('tell every mistake at once', () => {
    expect(() => readConfig(['--threshold', '6', '--output', 'xml'], { PAGE_SIZE: 'all' })).toThrow(
      /REFRESH_THRESHOLD[^]*PAGE_SIZE[^]*OUTPUT/,
    );
    expect(() => readConfig(['--nonsense'], {})).toThrow('--nonsense');
  });

  it('tell how errors are to be printed, also where others of them are wrong', () => {
    expect(outputOf(['--nonsense', '--output', 'json', '--threshold', '6'], {})).toBe('json');
    expect(outputOf(['--output=json'], {})).toBe('json');
    expect(outputOf([], { OUTPUT: 'json' })).toBe('json');
    expect(outputOf(['--output', 'text'], { OUTPUT: 'json' })).toBe('text');
    expect(outputOf(['--output', 'xml'], {})).toBe('text');
  });

  it('tell mistakes in AWS settings with the others, and refuse what no token could meet', () => {
    expect(() => readConfig([], { PAGE_SIZE: 'all', AWS_ROLE_ARN: 'pull' })).toThrow(
      /PAGE_SIZE[^]*AWS_ROLE_ARN/,
    );
    expect(() => readConfig(['--threshold', '11h45m'], {})).toThrow(
      'REFRESH_THRESHOLD: no token could meet it',
    );
  });

  it('take each namespace once, and nothing that is no name of one', () => {
    expect(readConfig([], { NAMESPACES: 'a,b,a' }).namespaces).toEqual(['a', 'b']);
    expect(() => readConfig([], { NAMESPACES: 'a,..' })).toThrow('NAMESPACES: expected names of namespaces');
  });

  it('name a command, and what it works on', () => {
    expect(readConfig([], {}).command).toEqual({ kind: 'refresh' });
    expect(readConfig(['check', 'a', '--context', 'c'], {}).command).toEqual({
      kind: 'check',
      namespace: 'a',
    });
    expect(readConfig(['delete-secrets', 'a/b', 'c/d'], {}).command).toEqual({
      kind: 'delete-secrets',
      secrets: [
        { namespace: 'a', name: 'b' },
        { namespace: 'c', name: 'd' },
      ],
    });
  });

  it.each([
    [['chekc']],
    [['check']],
    [['check', 'a/b']],
    [['check', 'a', 'b']],
    [['delete-secrets']],
    [['delete-secrets', 'name']],
    [['delete-secrets', 'a/..']],
    [['delete-secrets', '../b']],
    [['delete-secrets', 'a/.']],
    [['delete-secrets', 'a/b/c']],
  ])('refuse the command %j', (args) => {
    expect(() => readConfig(args, {})).toThrow(/command|name of one namespace|NAMESPACE\/NAME/);
  });
});
