import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { formatDuration, parseDuration } from './duration.ts';
import { readSettings } from './read-settings.ts';
import { duration, registryHosts, integer, list, port, secretNames, urlPaths } from './setting-types.ts';
import { SettingsError } from './settings-error.ts';

const HOUR = 3_600_000;

describe('a duration', () => {
  it.each([
    ['6h', 6 * HOUR],
    ['1h30m', 1.5 * HOUR],
    ['10s', 10_000],
    ['500ms', 500],
    ['1.5h', 1.5 * HOUR],
    ['0s', 0],
  ])('is read: %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each(['', '6', 'h', '6 h', '-1h', '6d', '30m1h', '1h1h'])('is not guessed from %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('is written as it is read', () => {
    fc.assert(fc.property(fc.nat(), (value) => expect(parseDuration(formatDuration(value))).toBe(value)));
  });
});

describe('settings', () => {
  const schema = z.object({
    PORT: port(8443),
    COUNT: integer(10, { least: 1, most: 100 }),
    WAIT: duration('30m'),
    HOSTS: registryHosts(),
    NAMES: list(),
    PATHS: urlPaths('/sync'),
    SECRET_TOKEN: integer(1, { least: 1, most: 1 }),
  });

  it('have defaults, also for an empty value', () => {
    expect(readSettings(schema, { PORT: '' })).toEqual({
      PORT: 8443,
      COUNT: 10,
      WAIT: 1_800_000,
      HOSTS: [],
      NAMES: [],
      PATHS: ['/sync'],
      SECRET_TOKEN: 1,
    });
  });

  it('are read', () => {
    expect(
      readSettings(schema, {
        HOSTS: 'Mirror.example.com:5000, b=us-east-1',
        NAMES: 'a,,b ',
        PATHS: '/a,/b',
        WAIT: '0s',
      }),
    ).toMatchObject({
      HOSTS: [{ host: 'mirror.example.com:5000' }, { host: 'b', region: 'us-east-1' }],
      NAMES: ['a', 'b'],
      PATHS: ['/a', '/b'],
      WAIT: 0,
    });
  });

  it('report every mistake at once, with the value that was found unless it may be a secret', () => {
    const read = () =>
      readSettings(schema, {
        PORT: '65536',
        COUNT: '0',
        WAIT: '10',
        HOSTS: 'https://x/',
        SECRET_TOKEN: 'canary',
      });
    expect(read).toThrow(SettingsError);
    try {
      read();
    } catch (error) {
      const { mistakes, message } = error as SettingsError;
      expect(mistakes).toHaveLength(5);
      expect(message).toContain('WAIT: expected a duration with a unit such as 6h, 30m or 10s, not "10"');
      expect(message).not.toContain('canary');
    }
  });

  it.each(['577h', '34560m1ms', `${'9'.repeat(400)}h`])(
    'refuse %s, which is too long for a timer',
    (text) => {
      const within = expect.stringMatching(/^WAIT: expected a duration of at most 576h, not "/);
      expect(() => readSettings(schema, { WAIT: text })).toThrow(
        expect.objectContaining({ mistakes: [within] }),
      );
      expect(readSettings(schema, { WAIT: '576h' }).WAIT).toBeLessThan(2 ** 31);
    },
  );

  it('are checked against each other, without those that are malformed', () => {
    const seen: unknown[] = [];
    const read = () =>
      readSettings(schema, { PORT: 'x', COUNT: '7' }, [
        (values) => {
          seen.push(values.PORT, values.COUNT);
          return ['COUNT: contradicts'];
        },
      ]);
    expect(read).toThrow(
      expect.objectContaining({ mistakes: [expect.stringMatching(/^PORT: /), 'COUNT: contradicts'] }),
    );
    expect(seen).toEqual([undefined, 7]);
  });
});

describe('names of Secrets', () => {
  const read = (SECRET_NAMES: string) =>
    readSettings(z.object({ SECRET_NAMES: secretNames() }), { SECRET_NAMES });

  it('are read, each once; none is given by default', () => {
    expect(read('pull, other.pull,pull').SECRET_NAMES).toEqual(['pull', 'other.pull']);
    expect(read('').SECRET_NAMES).toEqual([]);
  });

  it.each(['Pull', 'a_b', 'a..b', '-a', 'a,b/c', 'a'.repeat(254)])('are refused if one is %j', (names) => {
    expect(() => read(names)).toThrow('SECRET_NAMES: expected at most 20 names of Secrets');
  });

  it('are at most 20', () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `pull-${index}`).join();
    expect(read(names(20)).SECRET_NAMES).toHaveLength(20);
    expect(() => read(names(21))).toThrow('expected at most 20 names');
  });
});
