import { describe, expect, it } from '@jest/globals';
import { AwsClock } from './clock.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-01-02T03:04:05Z');

/** A machine whose wall clock is this far ahead of AWS's, and an AWS that gives its time on demand. */
function staged(ahead = 0) {
  const machine = { clock: START + ahead, monotonic: 17 };
  const aws = { now: START };
  const told: number[] = [];
  const clock = new AwsClock({ clock: () => machine.clock, monotonic: () => machine.monotonic }, (offset) =>
    told.push(offset),
  );
  return {
    clock,
    told,
    pass(time: number) {
      machine.clock += time;
      machine.monotonic += time;
      aws.now += time;
    },
    /** The machine sleeps. Then its wall clock is corrected. */
    sleep(time: number) {
      machine.clock += time;
      aws.now += time;
    },
    setClock: (by: number) => void (machine.clock += by),
    hear: () => clock.hear(new Date(aws.now).toUTCString()),
    /** How far the clock is ahead of AWS. */
    error: () => clock.now() - aws.now,
  };
}

describe('the clock of AWS', () => {
  it('is that of this machine before the first answer', () => {
    const { clock, pass, error } = staged(2 * HOUR);
    pass(HOUR);
    expect(error()).toBe(2 * HOUR);
    expect(clock.isHeard).toBe(false);
  });

  it.each([-2 * HOUR, 2 * HOUR])('is right after the first answer, if the machine is off by %d', (ahead) => {
    const { clock, pass, hear, error } = staged(ahead);
    hear();
    pass(5 * HOUR);
    expect(error()).toBe(0);
    expect(clock.offset).toBe(-ahead);
    expect(clock.isHeard).toBe(true);
  });

  it.each([-2 * HOUR, 0])(
    'does not go back if the clock of a machine that is off by %d is set back',
    (ahead) => {
      const { pass, hear, setClock, error } = staged(ahead);
      hear();
      pass(HOUR);
      setClock(-5 * HOUR);
      pass(HOUR);
      expect(error()).toBe(0);
      hear();
      pass(HOUR);
      expect(error()).toBe(0);
    },
  );

  it.each([-2 * HOUR, 2 * HOUR])(
    'continues if the clock of a machine that is off by %d is corrected while AWS cannot be reached',
    (ahead) => {
      const { pass, hear, setClock, error } = staged(ahead);
      hear();
      pass(HOUR);
      setClock(-ahead);
      pass(HOUR);
      expect(error()).toBe(0);
      hear();
      expect(error()).toBe(0);
    },
  );

  it('can be ahead, but never behind, until the next answer, if the machine is set to a wrong time', () => {
    const { pass, hear, setClock, error } = staged();
    hear();
    setClock(2 * HOUR);
    pass(HOUR);
    expect(error()).toBe(2 * HOUR);
    hear();
    expect(error()).toBe(0);
  });

  it('is right after the machine has slept', () => {
    const { pass, sleep, hear, error } = staged();
    hear();
    sleep(8 * HOUR);
    pass(HOUR);
    expect(error()).toBe(0);
  });

  it('ignores a difference that the latency of the answer explains', () => {
    const { told, hear, error } = staged(-9_999);
    hear();
    expect(error()).toBe(-9_999);
    expect(told).toEqual([]);
  });

  it('reports once that the machine is off, and again only after the machine was right', () => {
    const { told, hear, setClock } = staged(-2 * HOUR);
    hear();
    hear();
    expect(told).toEqual([2 * HOUR]);
    setClock(2 * HOUR);
    hear();
    setClock(HOUR);
    hear();
    expect(told).toEqual([2 * HOUR, -HOUR]);
  });

  it('reports only once a machine that is off by about the resolution', () => {
    const { told, hear, setClock } = staged(-10_000);
    hear();
    for (const by of [100, -100, 4_000, -4_000]) {
      setClock(by);
      hear();
    }
    expect(told).toEqual([10_000]);
  });

  it.each([undefined, '', 'yesterday'])('ignores the date %p', (date) => {
    const { clock, error } = staged(HOUR);
    clock.hear(date);
    expect(error()).toBe(HOUR);
    expect(clock.isHeard).toBe(false);
  });
});
