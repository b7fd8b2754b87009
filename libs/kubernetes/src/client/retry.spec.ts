import { describe, expect, it } from '@jest/globals';
import { retryPause } from './retry.ts';

const refused = { status: 503, message: 'the server is currently unable to handle the request' };

describe('the pause before the next attempt', () => {
  it('is what the API server asks for, up to a minute', () => {
    expect(retryPause({ ...refused, retryAfterSeconds: 30 }, 1, 0.5)).toBe(30_000);
    expect(retryPause({ ...refused, retryAfterSeconds: 0 }, 1, 0.5)).toBe(0);
    expect(retryPause({ ...refused, retryAfterSeconds: 86_400 }, 1, 0.5)).toBe(60_000);
  });

  it('doubles each time otherwise, and is random by half', () => {
    expect([1, 2, 3].map((count) => retryPause(refused, count, 0))).toEqual([100, 200, 400]);
    expect([1, 2, 3].map((count) => retryPause(refused, count, 1))).toEqual([200, 400, 800]);
  });

  it('is undefined after six attempts, or after two timeouts', () => {
    expect(retryPause(refused, 5, 0)).toBeDefined();
    expect(retryPause(refused, 6, 0)).toBeUndefined();
    const silence = { status: 0, message: 'no answer', isTimeout: true };
    expect(retryPause(silence, 1, 0)).toBeDefined();
    expect(retryPause(silence, 2, 0)).toBeUndefined();
  });

  it.each([
    'admission webhook "x" denied the request: no token',
    'Internal error occurred: failed calling webhook "x": connection refused',
  ])('is undefined if a webhook is the reason: %s', (message) => {
    expect(retryPause({ status: 500, message, retryAfterSeconds: 1 }, 1, 0)).toBeUndefined();
  });
});
