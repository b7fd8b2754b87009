import { describe, expect, it } from '@jest/globals';
import { pathOfTarget } from './request-target.ts';

describe('the target of a request', () => {
  it.each([
    ['/sync?timeout=10s', '/sync?timeout=10s'],
    ['/', '/'],
    ['//', '//'],
    ['//[/sync', '//[/sync'],
    ['https://webhook/sync?timeout=10s', '/sync?timeout=10s'],
    ['HTTP://webhook', '/'],
  ])('%s asks for %s', (target, path) => {
    expect(pathOfTarget(target)).toBe(path);
  });

  it.each(['http://[/sync', 'http://', '*', '', 'sync', 'mailto:a@b', 'http://a:99999/', undefined])(
    '%s asks for nothing',
    (target) => {
      expect(pathOfTarget(target)).toBeUndefined();
    },
  );
});
