import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { AWAY, HOUR, POLICY, staged, START, tokenAt } from '../testing/staged-cache.ts';
import type { EcrToken } from './token.ts';

describe('the token cache', () => {
  it('makes one call for concurrent callers', async () => {
    const { aws, cache } = staged();
    const results = await Promise.all(Array.from({ length: 100 }, () => cache.get()));
    expect(new Set(results.map(({ token }) => token)).size).toBe(1);
    expect(aws.calls).toBe(1);
  });

  it('reuses a token while it is young, and renews it after that', async () => {
    const { aws, cache } = staged();
    const { token: first } = await cache.get();
    aws.now += HOUR - 1;
    expect((await cache.get()).token).toBe(first);
    aws.now += 1;
    expect((await cache.get()).token).not.toBe(first);
    expect(aws.calls).toBe(2);
  });

  it('gives the cached token and the reason when a call fails, while the token has more than the minimum of life left', async () => {
    const { aws, cache } = staged();
    const { token } = await cache.get();
    aws.isAway = true;
    aws.now += 6 * HOUR - 1;
    expect(await cache.get()).toEqual({ token, stale: AWAY });
    aws.now += 1;
    await expect(cache.get()).rejects.toBe(AWAY);
  });

  it('asks AWS on a forced refresh, even if the token is young or AWS has just failed, but joins a call in progress', async () => {
    const { aws, cache } = staged();
    await cache.get();
    await Promise.all([cache.get({ forceRefresh: true }), cache.get({ forceRefresh: true })]);
    expect(aws.calls).toBe(2);
    aws.isAway = true;
    await cache.get({ forceRefresh: true });
    await cache.get({ forceRefresh: true });
    expect(aws.calls).toBe(4);
  });

  it('lets one caller give up without cancelling the call of the others', async () => {
    const { cache } = staged();
    const controller = new AbortController();
    const impatient = cache.get({ signal: controller.signal });
    const patient = cache.get();
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ code: 'aborted', transient: true });
    expect((await patient).token.password).toBe(`password-${START}`);
  });

  it('gives a caller with a timeout of zero the cached token, if there is one', async () => {
    const { aws, cache } = staged();
    const { token } = await cache.get();
    aws.now += 2 * HOUR;
    const result = await cache.get({ signal: AbortSignal.abort(new DOMException('late', 'TimeoutError')) });
    expect(result).toEqual({ token, stale: expect.objectContaining({ code: 'timeout' }) });
  });

  it('lets a caller continue to wait if the cached token becomes too old during the wait', async () => {
    jest.useFakeTimers({ now: START });
    const issued: ((token: ReturnType<typeof tokenAt>) => void)[] = [];
    const { cache } = staged({
      now: () => Date.now(),
      monotonic: () => Date.now(),
      issue: () => new Promise((resolve) => issued.push(resolve)),
    });
    const first = cache.get();
    issued[0]?.(tokenAt(Date.now()));
    await first;
    jest.setSystemTime(START + 6 * HOUR - 500); // in half a second, six hours are left
    const waiting = cache.get({ timeout: 8_000 });
    await jest.advanceTimersByTimeAsync(2_000);
    issued[1]?.(tokenAt(Date.now()));
    expect((await waiting).stale).toBeUndefined();
    jest.useRealTimers();
  });

  it('rejects for a caller whose timeout has passed, while others go on waiting', async () => {
    let answer: (token: EcrToken) => void = () => undefined;
    const { cache } = staged({ issue: () => new Promise((resolve) => (answer = resolve)) });
    const patient = cache.get({ timeout: 60_000 });
    await expect(cache.get({ timeout: 1 })).rejects.toMatchObject({ code: 'timeout', transient: true });
    answer(tokenAt(START));
    expect((await patient).token.password).toBe(`password-${START}`);
  });

  it.each([2 ** 31, Number.POSITIVE_INFINITY])('accepts a timeout of %d ms', async (timeout) => {
    const { cache } = staged({
      timeout,
      issue: () => new Promise((resolve) => setTimeout(resolve, 20, tokenAt(START))),
    });
    expect((await cache.get({ timeout })).token.password).toBe(`password-${START}`);
  });

  it('makes no timer for a caller that does not have to wait, and leaves none behind', async () => {
    jest.useFakeTimers({ now: START });
    const { cache } = staged();
    await cache.get({ timeout: HOUR });
    await Promise.all(Array.from({ length: 100 }, () => cache.get({ timeout: HOUR })));
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  describe('while AWS hangs', () => {
    beforeEach(() => void jest.useFakeTimers({ now: START }));
    afterEach(() => void jest.useRealTimers());

    /** A cache with a token that is an hour old, and a slow AWS. */
    async function hanging() {
      let answer: (token: EcrToken) => void = () => undefined;
      const tokens = [Promise.resolve(tokenAt(START))];
      const now = () => Date.now();
      const clocks = { now, monotonic: () => performance.now() };
      const { cache } = staged({
        ...clocks,
        issue: () => tokens.shift() ?? new Promise((resolve) => (answer = resolve)),
      });
      const { token } = await cache.get();
      jest.advanceTimersByTime(HOUR);
      return { cache, token, answer: (next: EcrToken) => answer(next) };
    }
    const lateTimeout = expect.objectContaining({
      code: 'timeout',
      message: 'AWS has not answered within 1 s',
    });

    it.each([{}, { forceRefresh: true }, { issuedWithin: 60_000 }])(
      'gives the cached token one second after the call began, not one second after each caller asked (%j)',
      async (request) => {
        const { cache, token } = await hanging();
        let given = 0;
        const ask = async () => {
          const result = await cache.get(request);
          given += 1;
          return result;
        };
        const first = ask();
        await jest.advanceTimersByTimeAsync(900);
        const second = ask();
        await jest.advanceTimersByTimeAsync(99);
        expect(given).toBe(0);
        await jest.advanceTimersByTimeAsync(1);
        expect(given).toBe(2);
        expect(await first).toEqual({ token, stale: lateTimeout });
        expect(await second).toEqual({ token, stale: lateTimeout });
      },
    );

    it('does not let later callers wait, and makes no timer for them', async () => {
      const { cache, token } = await hanging();
      const first = cache.get({ timeout: 8_000 });
      await jest.advanceTimersByTimeAsync(1_000);
      await first;
      const timers = jest.getTimerCount();
      const later = Array.from({ length: 100 }, () => cache.get({ timeout: 8_000 }));
      expect(jest.getTimerCount()).toBe(timers);
      for (const result of await Promise.all(later)) expect(result).toEqual({ token, stale: lateTimeout });
    });

    it('uses the answer once it arrives', async () => {
      const { cache, answer } = await hanging();
      const first = cache.get();
      await jest.advanceTimersByTimeAsync(1_000);
      await first;
      const next = tokenAt(Date.now());
      answer(next);
      await jest.advanceTimersByTimeAsync(0);
      expect(await cache.get()).toEqual({ token: next });
    });

    it('keeps the timeout of a caller that has less time', async () => {
      const { cache, token } = await hanging();
      const hasty = cache.get({ timeout: 100 });
      await jest.advanceTimersByTimeAsync(100);
      expect(await hasty).toEqual({ token, stale: expect.objectContaining({ code: 'timeout' }) });
    });

    it('lets callers wait if no cached token can be used', async () => {
      const { cache, answer } = await hanging();
      jest.advanceTimersByTime(5 * HOUR);
      const patient = cache.get({ timeout: 8_000 });
      await jest.advanceTimersByTimeAsync(7_999);
      const next = tokenAt(Date.now());
      answer(next);
      expect(await patient).toEqual({ token: next });
    });
  });

  describe('asked for a token that was issued within a minute', () => {
    const MINUTE = 60_000;
    const lately = { issuedWithin: MINUTE };

    it('gives the cached token without a call until it is a minute old, and after that a new one', async () => {
      const { aws, cache } = staged();
      const { token } = await cache.get();
      aws.now += MINUTE - 1;
      expect(await cache.get(lately)).toEqual({ token });
      expect(aws.calls).toBe(1);
      aws.now += 1;
      const { token: next } = await cache.get(lately);
      expect(next).not.toBe(token);
      expect(await cache.get(lately)).toEqual({ token: next });
      expect(aws.calls).toBe(2);
    });

    it('makes one call a minute, however many callers ask and however old the first token is', async () => {
      const { aws, cache } = staged();
      await cache.get();
      for (let second = 0; second < 10 * 60; second++) {
        aws.now += 1_000;
        await Promise.all(Array.from({ length: 50 }, () => cache.get(lately)));
      }
      expect(aws.calls).toBe(1 + 10);
    });

    it('counts a failed call for the minute as well, and gives the cached token', async () => {
      const { aws, cache } = staged();
      const { token } = await cache.get();
      aws.now += MINUTE;
      aws.isAway = true;
      expect(await cache.get(lately)).toEqual({ token, stale: AWAY });
      aws.now += MINUTE - 1;
      aws.isAway = false;
      expect(await cache.get(lately)).toEqual({ token, stale: AWAY });
      expect(aws.calls).toBe(2);
      expect(await cache.get()).toEqual({ token }); // for other callers, the token is young
      aws.now += 1;
      expect((await cache.get(lately)).stale).toBeUndefined();
      expect(aws.calls).toBe(3);
    });

    it('asks again after the usual pause if no cached token can be used', async () => {
      const { aws, cache } = staged();
      await cache.get();
      aws.now += 6 * HOUR;
      aws.isAway = true;
      await expect(cache.get(lately)).rejects.toBe(AWAY);
      aws.now += 1_000;
      aws.isAway = false;
      expect((await cache.get(lately)).stale).toBeUndefined();
    });
  });

  describe('asked not to wait for a call that failed last time', () => {
    const unlessFailing = { unlessFailing: true };

    it('waits for the first call, and after a failure gives its error and begins the next call, until one succeeds', async () => {
      const { aws, cache } = staged();
      aws.isAway = true;
      await expect(cache.get(unlessFailing)).rejects.toBe(AWAY);
      await expect(cache.get(unlessFailing)).rejects.toBe(AWAY);
      expect(aws.calls).toBe(1);
      aws.isAway = false;
      aws.now += HOUR;
      await expect(cache.get(unlessFailing)).rejects.toBe(AWAY);
      const { token } = await cache.get();
      expect(aws.calls).toBe(2);
      expect((await cache.get(unlessFailing)).token).toBe(token);
    });

    it('heals after one failure, although the cached token is young', async () => {
      const { aws, cache } = staged();
      const { token } = await cache.get();
      const lately = { ...unlessFailing, issuedWithin: 60_000 };
      aws.now += 120_000;
      aws.isAway = true;
      expect((await cache.get(lately)).stale).toBe(AWAY);
      aws.isAway = false;
      aws.now += 60_000;
      expect((await cache.get(lately)).stale).toBe(AWAY);
      await new Promise(setImmediate);
      const { token: next, stale } = await cache.get(lately);
      expect([next === token, stale]).toEqual([false, undefined]);
    });

    it('gives an older token with the reason, if it can be used', async () => {
      const { aws, cache } = staged();
      const { token } = await cache.get();
      aws.now += HOUR;
      aws.isAway = true;
      await cache.get();
      aws.now += HOUR;
      expect(await cache.get(unlessFailing)).toEqual({ token, stale: AWAY });
    });
  });

  it('removes the token and the last failure on invalidate', async () => {
    const { aws, cache } = staged();
    await cache.get();
    cache.invalidate();
    expect(cache.peek()).toBeUndefined();
    await cache.get();
    expect(aws.calls).toBe(2);
    aws.isAway = true;
    cache.invalidate();
    await expect(cache.get()).rejects.toMatchObject({ code: 'network' });
    aws.isAway = false;
    cache.invalidate(); // also removes the failure, so AWS is called immediately
    expect((await cache.get()).stale).toBeUndefined();
  });

  it('shows the cached token until it expires', async () => {
    const { aws, cache } = staged();
    expect(cache.peek()).toBeUndefined();
    const { token } = await cache.get();
    aws.now += 12 * HOUR - 1;
    expect(cache.peek()).toBe(token);
    aws.now += 1;
    expect(cache.peek()).toBeUndefined();
  });

  it('does not take a token for young because the clock was set back', async () => {
    const { aws, cache } = staged();
    await cache.get();
    aws.now -= 5 * HOUR;
    await cache.get();
    expect(aws.calls).toBe(2);
  });

  it('keeps its promises for any sequence of events', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('ask' as const),
        request: fc.constantFrom({}, { forceRefresh: true }, { issuedWithin: 60_000 }),
      }),
      fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 0, max: 4 * HOUR }) }),
      fc.record({ do: fc.constant('away' as const), isAway: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let inFlight = 0;
        const { aws, cache } = staged({
          issue: async () => {
            expect(++inFlight).toBe(1);
            await Promise.resolve();
            inFlight -= 1;
            if (aws.isAway) throw AWAY;
            return tokenAt(aws.now);
          },
        });
        for (const action of steps) {
          if (action.do === 'pass') aws.now += action.time;
          else if (action.do === 'away') aws.isAway = action.isAway;
          else {
            const answers = await Promise.allSettled([cache.get(action.request), cache.get()]);
            for (const answer of answers) {
              if (answer.status === 'rejected') {
                expect(answer.reason).toBe(AWAY);
                continue;
              }
              const left = answer.value.token.expiresAt.getTime() - aws.now;
              expect(left).toBeGreaterThan(answer.value.stale ? POLICY.minRemaining : 11 * HOUR - 1);
            }
          }
        }
      }),
    );
  });
});
