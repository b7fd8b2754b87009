import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import { HOUR, NOW, token } from '../testing/requests.ts';
import { timeAtAws } from './time-at-aws.ts';

function provider(time: number, held = false): EcrTokenProvider {
  return {
    get: () => Promise.reject(new Error('not asked')),
    peek: () => (held ? token(12) : undefined),
    now: () => time,
    invalidate: () => undefined,
    close: () => undefined,
  };
}

describe('the time at AWS', () => {
  it('is that of a region with a token, whatever the others say', () => {
    const [hung, told] = [provider(NOW + 9 * HOUR), provider(NOW, true)];
    expect([timeAtAws([hung, told]), timeAtAws([told, hung])]).toEqual([NOW, NOW]);
  });

  it('is the latest one if no region has a token, in any order: one may have answered with an error', () => {
    const [machine, told] = [provider(NOW - 3 * HOUR), provider(NOW)];
    expect([timeAtAws([machine, told]), timeAtAws([told, machine])]).toEqual([NOW, NOW]);
  });

  it('is that of this machine without any region', () => {
    expect(Math.abs(timeAtAws([]) - Date.now())).toBeLessThan(HOUR);
  });
});
