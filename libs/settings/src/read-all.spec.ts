import { expect, it } from '@jest/globals';
import { readAll } from './read-all.ts';
import { SettingsError } from './settings-error.ts';

const fail = (error: Error) => () => {
  throw error;
};

it('several readers are read together', () => {
  const [text, number] = readAll(
    () => 'a',
    () => 1,
  );
  expect(text.length + number).toBe(2);
});

it('the mistakes of several readers are reported at once', () => {
  const read = () =>
    readAll(fail(new SettingsError(['ONE: a', 'TWO: b'])), () => 1, fail(new SettingsError(['THREE: c'])));
  expect(read).toThrow(expect.objectContaining({ mistakes: ['ONE: a', 'TWO: b', 'THREE: c'] }));
});

it('an exception that is not a mistake in the settings is thrown unchanged', () => {
  expect(() => readAll(fail(new SettingsError(['ONE: a'])), fail(new TypeError('a defect')))).toThrow(
    TypeError,
  );
});
