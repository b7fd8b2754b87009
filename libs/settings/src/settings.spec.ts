import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { formatDuration, parseDuration } from './duration.ts';
import { readSettings, SettingsError } from './read-settings.ts';
import { checkThreshold, hashOfSettings } from './refresh-settings.ts';
import { duration, hosts, integer, list, port, urlPaths } from './setting-types.ts';

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
    HOSTS: hosts(),
    NAMES: list(),
    PATHS: urlPaths('/sync'),
    SECRET_TOKEN: integer(1, { least: 1, most: 1 }),
  });

  it('have defaults, and an empty value is none', () => {
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
        HOSTS: 'Mirror.example.com:5000, b',
        NAMES: 'a,,b ',
        PATHS: '/a,/b',
        WAIT: '0s',
      }),
    ).toMatchObject({
      HOSTS: ['mirror.example.com:5000', 'b'],
      NAMES: ['a', 'b'],
      PATHS: ['/a', '/b'],
      WAIT: 0,
    });
  });

  it('tell every mistake at once, with what was found, but for what may be a secret', () => {
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
});

describe('the threshold', () => {
  it('is refused from where no token could meet it, with the largest that can be', () => {
    expect(checkThreshold(6 * HOUR, HOUR / 2, HOUR)).toBeUndefined();
    expect(checkThreshold(10.5 * HOUR, HOUR / 2, HOUR)).toContain('less than 10h30m');
  });
});

describe('the fingerprint', () => {
  it('is the same for the same environment, and there is none without a region', () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull' };
    expect(hashOfSettings(env, ['a'])).toBe(hashOfSettings({ ...env, AWS_ACCESS_KEY_ID: 'x' }, ['a']));
    expect(hashOfSettings({}, [])).toBeUndefined();
    expect(() => hashOfSettings({ ...env, AWS_ROLE_ARN: 'pull' }, [])).toThrow(SettingsError);
  });
});
