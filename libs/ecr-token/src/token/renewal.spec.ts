import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AWAY, HOUR, POLICY, staged, START, tokenAt } from '../testing/staged-cache.ts';

describe('the renewal of a token', () => {
  it('keeps the cached token if AWS answers with one that expires sooner', async () => {
    const { aws, cache, events } = staged();
    const { token } = await cache.get();
    aws.now += HOUR;
    aws.life = 5 * HOUR;
    expect(await cache.get()).toEqual({ token });
    expect(cache.peek()).toBe(token);
    expect(await cache.get({ issuedWithin: 60_000 })).toEqual({ token });
    expect([aws.calls, events]).toEqual([2, ['renewed', 'renewed']]); // AWS decides the expiry; this is not a failure
    aws.now += 7 * HOUR;
    expect((await cache.get()).token.expiresAt).toEqual(new Date(aws.now + 5 * HOUR));
  });

  it('renews a token while it could still be used after a failed call, and at most once a minute', async () => {
    const { aws, cache } = staged();
    aws.life = 6 * HOUR + 600_000;
    await cache.get();
    aws.now += 599_999;
    await cache.get();
    expect(aws.calls).toBe(1);
    aws.now += 1;
    aws.life = 6 * HOUR + 1;
    await cache.get();
    expect(aws.calls).toBe(2);
    aws.now += 59_999;
    await cache.get();
    expect(aws.calls).toBe(2);
    aws.now += 1;
    await cache.get();
    expect(aws.calls).toBe(3);
  });

  it('renews a token with a shorter life than that after half of its life', async () => {
    const { aws, cache } = staged();
    aws.life = HOUR;
    await cache.get();
    aws.now += HOUR / 2 - 1;
    await cache.get();
    expect(aws.calls).toBe(1);
    aws.now += 1;
    await cache.get();
    expect(aws.calls).toBe(2);
  });

  it('repeats a failure without a call for a pause that doubles up to half a minute', async () => {
    const { aws, cache } = staged();
    aws.isAway = true;
    const pauses: number[] = [];
    for (let round = 0; round < 8; round++) {
      await expect(cache.get()).rejects.toBe(AWAY);
      const before = aws.calls;
      let pause = 0;
      while (aws.calls === before) {
        aws.now += 100;
        pause += 100;
        await cache.get().catch(() => undefined);
      }
      pauses.push(pause);
      aws.now += 60_000; // after the pause that this call started
    }
    expect(pauses[0]).toBeLessThanOrEqual(1_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
  });

  describe('with its timer', () => {
    beforeEach(() => void jest.useFakeTimers({ now: START }));
    afterEach(() => void jest.useRealTimers());

    it('does not come sooner after a forced attempt that failed while the cached token is young', async () => {
      const { aws, cache } = staged({
        renewAhead: true,
        now: () => Date.now(),
        monotonic: () => Date.now(),
      });
      await cache.get();
      aws.isAway = true;
      await jest.advanceTimersByTimeAsync(61_000);
      await cache.get({ issuedWithin: 60_000 });
      expect(aws.calls).toBe(2);
      await jest.advanceTimersByTimeAsync(60_000);
      expect(aws.calls).toBe(2);
      await jest.advanceTimersByTimeAsync(HOUR);
      expect(aws.calls).toBeGreaterThan(2);
    });

    it('renews ahead of need, even without callers, and keeps trying during an outage', async () => {
      const { aws, cache, events } = staged({ renewAhead: true, now: () => Date.now() });
      await cache.get();
      aws.now = START + HOUR;
      await jest.advanceTimersByTimeAsync(HOUR);
      expect(events).toEqual(['renewed', 'renewed']);
      aws.isAway = true;
      await jest.advanceTimersByTimeAsync(HOUR + 60_000);
      expect(events.filter((event) => event === 'network').length).toBeGreaterThan(3);
      aws.isAway = false;
      aws.now = Date.now();
      await jest.advanceTimersByTimeAsync(30_000);
      expect(events.at(-1)).toBe('renewed');
    });

    it('varies the delay, to avoid AWS calls of all replicas at the same moment', async () => {
      const { cache, events } = staged({
        renewAhead: true,
        now: () => Date.now(),
        random: () => 0.999,
        issue: async () => tokenAt(Date.now()),
      });
      await cache.get();
      await jest.advanceTimersByTimeAsync(HOUR * 0.9 - 1_000);
      expect(events).toHaveLength(1);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(events).toHaveLength(2);
    });

    it('does not renew in a tight loop, even if each token looks old', async () => {
      const { cache, events } = staged({ renewAhead: true, now: () => Date.now() }); // AWS always gives tokens that were issued at START
      await cache.get();
      await jest.advanceTimersByTimeAsync(2 * HOUR);
      expect(events.length).toBeLessThanOrEqual(HOUR / POLICY.failure + 2);
      cache.close();
    });

    it('makes no call by itself after close', async () => {
      const { aws, cache } = staged({ renewAhead: true, now: () => Date.now() });
      await cache.get();
      cache.close();
      await jest.advanceTimersByTimeAsync(24 * HOUR);
      expect(aws.calls).toBe(1);
      await cache.get({ forceRefresh: true }); // callers still get tokens
      await jest.advanceTimersByTimeAsync(24 * HOUR);
      expect(aws.calls).toBe(2);
    });

    it('gives up a hanging call after the timeout, and starts another one later', async () => {
      let calls = 0;
      const { cache } = staged({
        issue: () => {
          calls += 1;
          return calls === 1 ? new Promise(() => undefined) : Promise.resolve(tokenAt(Date.now()));
        },
        now: () => Date.now(),
      });
      const hanging = expect(cache.get()).rejects.toMatchObject({ code: 'timeout' });
      await jest.advanceTimersByTimeAsync(15_000);
      await hanging;
      expect((await cache.get({ forceRefresh: true })).token).toBeDefined();
    });
  });

  it('does not keep the process alive', async () => {
    const { cache } = staged({ renewAhead: true });
    const timers = jest.spyOn(globalThis, 'setTimeout');
    await cache.get();
    const renewal = timers.mock.results.map(({ value }) => value as unknown as NodeJS.Timeout).at(-1);
    expect(renewal?.hasRef()).toBe(false);
    cache.close();
    timers.mockRestore();
  });
});
