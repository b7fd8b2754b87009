import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { stopSignals } from './stop-signals.ts';

describe('a program that ends early', () => {
  let terminated: AbortController;
  beforeEach(() => {
    jest.useFakeTimers();
    terminated = new AbortController();
  });
  afterEach(() => void jest.useRealTimers());

  /** When each step comes, in milliseconds of the life of the process. */
  const stepsOf = (deadline: number | undefined, sigtermAt = Infinity) => {
    const { stop, giveUp } = stopSignals(terminated.signal, deadline);
    const steps: Record<string, unknown> = {};
    stop.addEventListener('abort', () => (steps['stop'] = [performance.now(), stop.reason]));
    giveUp.addEventListener('abort', () => (steps['giveUp'] = [performance.now(), giveUp.reason.message]));
    if (sigtermAt !== Infinity) setTimeout(() => terminated.abort('SIGTERM'), sigtermAt - performance.now());
    jest.advanceTimersByTime(600_000);
    return steps;
  };

  it('gives running requests five seconds after SIGTERM', () => {
    expect(stepsOf(undefined, 1_000)).toEqual({ stop: [1_000, 'SIGTERM'], giveUp: [6_000, 'SIGTERM'] });
  });

  it('ends at its deadline, and begins nothing more in the five seconds before', () => {
    const why = 'deadline of 1m';
    expect(stepsOf(60_000)).toEqual({ stop: [55_000, why], giveUp: [60_000, why] });
  });

  it('begins nothing more in the second half of a short deadline', () => {
    const why = 'deadline of 2s';
    expect(stepsOf(2_000)).toEqual({ stop: [1_000, why], giveUp: [2_000, why] });
  });

  it('ends at its deadline, also if it got SIGTERM shortly before', () => {
    expect(stepsOf(2_000, 900)).toEqual({ stop: [900, 'SIGTERM'], giveUp: [2_000, 'deadline of 2s'] });
  });

  it('counts its deadline from the start of the process', () => {
    jest.advanceTimersByTime(10_000);
    const why = 'deadline of 1m';
    expect(stepsOf(60_000)).toEqual({ stop: [55_000, why], giveUp: [60_000, why] });
  });
});
