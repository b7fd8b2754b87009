import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMetrics } from '../operations/metrics.ts';
import { logLines } from '../testing/log-lines.ts';
import type { CallerMode } from './caller-settings.ts';
import { announceWeakerModes, weakerModes } from './weaker-modes.ts';

const HOUR = 3_600_000;

describe('modes that prove less than CALLER_MODE', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each<[[CallerMode, ...CallerMode[]], readonly CallerMode[]]>([
    [['none'], []],
    [['none', 'path', 'aggregated'], []],
    [['path', 'none'], ['none']],
    [['path', 'clientCertificate'], []],
    [
      ['aggregated', 'path', 'none'],
      ['path', 'none'],
    ],
    [['clientCertificate', 'aggregated'], []],
  ])('are, of %j: %j', (modes, weaker) => {
    expect(weakerModes(modes)).toEqual(weaker);
  });

  it('are in the log at once and each day, and in a metric', async () => {
    const { log, lines } = logLines();
    const metrics = createMetrics();
    const stop = announceWeakerModes(['aggregated', 'path'], log, metrics);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 40, mode: 'aggregated', weaker: ['path'] }),
    ]);
    jest.advanceTimersByTime(48 * HOUR);
    expect(lines).toHaveLength(3);
    stop();
    jest.advanceTimersByTime(48 * HOUR);
    expect(lines).toHaveLength(3);
    expect(await metrics.registry.metrics()).toContain('ecr_anywhere_callers_weaker_mode{mode="path"} 1');
  });

  it('are not mentioned if there is none', async () => {
    const { log, lines } = logLines();
    announceWeakerModes(['path'], log, createMetrics());
    jest.advanceTimersByTime(48 * HOUR);
    expect(lines).toEqual([]);
  });
});
