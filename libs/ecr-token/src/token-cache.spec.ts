import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { EcrToken } from './ecr-token.ts';
import { AWAY, HOUR, POLICY, staged, START, tokenAt } from './testing/staged-cache.ts';

describe('the token cache', () => {
  it('makes one call for all who ask at once', async () => {
    const { aws, cache } = staged();
    const results = await Promise.all(Array.from({ length: 100 }, () => cache.get()));
    expect(new Set(results.map(({ token }) => token)).size).toBe(1);
    expect(aws.calls).toBe(1);
  });

  it('reuses a token while it is young, and renews it then', async () => {
    const { aws, cache } = staged();
    const { token: first } = await cache.get();
    aws.now += HOUR - 1;
    expect((await cache.get()).token).toBe(first);
    aws.now += 1;
    expect((await cache.get()).token).not.toBe(first);
    expect(aws.calls).toBe(2);
  });

  it('bridges a failure with the token at hand, and says why, while that has more life than the least', async () => {
    const { aws, cache } = staged();
    const { token } = await cache.get();
    aws.isAway = true;
    aws.now += 6 * HOUR - 1;
    expect(await cache.get()).toEqual({ token, stale: AWAY });
    aws.now += 1;
    await expect(cache.get()).rejects.toBe(AWAY);
  });

  it('asks AWS on a forced refresh, young or failing, but joins a call under way', async () => {
    const { aws, cache } = staged();
    await cache.get();
    await Promise.all([cache.get({ forceRefresh: true }), cache.get({ forceRefresh: true })]);
    expect(aws.calls).toBe(2);
    aws.isAway = true;
    await cache.get({ forceRefresh: true });
    await cache.get({ forceRefresh: true });
    expect(aws.calls).toBe(4);
  });

  it('lets one caller go without cancelling the call of the others', async () => {
    const { cache } = staged();
    const controller = new AbortController();
    const impatient = cache.get({ signal: controller.signal });
    const patient = cache.get();
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ code: 'aborted', transient: true });
    expect((await patient).token.password).toBe(`password-${START}`);
  });

  it('gives a caller without time the token at hand, where there is one', async () => {
    const { aws, cache } = staged();
    const { token } = await cache.get();
    aws.now += 2 * HOUR;
    const result = await cache.get({ signal: AbortSignal.abort(new DOMException('late', 'TimeoutError')) });
    expect(result).toEqual({ token, stale: expect.objectContaining({ code: 'timeout' }) });
  });

  it('lets a caller go whose timeout is over, while others wait on', async () => {
    let answer: (token: EcrToken) => void = () => undefined;
    const { cache } = staged({ issue: () => new Promise((resolve) => (answer = resolve)) });
    const patient = cache.get({ timeout: 60_000 });
    await expect(cache.get({ timeout: 1 })).rejects.toMatchObject({ code: 'timeout', transient: true });
    answer(tokenAt(START));
    expect((await patient).token.password).toBe(`password-${START}`);
  });

  it.each([2 ** 31, Number.POSITIVE_INFINITY])(
    'takes a timeout of %d ms for what it says',
    async (timeout) => {
      const { cache } = staged({
        timeout,
        issue: () => new Promise((resolve) => setTimeout(resolve, 20, tokenAt(START))),
      });
      expect((await cache.get({ timeout })).token.password).toBe(`password-${START}`);
    },
  );

  it('makes no timer for the timeout of a caller that need not wait, and keeps none afterwards', async () => {
    jest.useFakeTimers({ now: START });
    const { cache } = staged();
    await cache.get({ timeout: HOUR });
    await Promise.all(Array.from({ length: 100 }, () => cache.get({ timeout: HOUR })));
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('forgets what it is told to forget', async () => {
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
    cache.invalidate(); // the failure, too: AWS is asked at once
    expect((await cache.get()).stale).toBeUndefined();
  });

  it('shows the token at hand until it ends', async () => {
    const { aws, cache } = staged();
    expect(cache.peek()).toBeUndefined();
    const { token } = await cache.get();
    aws.now += 12 * HOUR - 1;
    expect(cache.peek()).toBe(token);
    aws.now += 1;
    expect(cache.peek()).toBeUndefined();
  });

  it('does not take a token for young because a clock was set back', async () => {
    const { aws, cache } = staged();
    await cache.get();
    aws.now -= 5 * HOUR;
    await cache.get();
    expect(aws.calls).toBe(2);
  });

  it('keeps its promises whatever happens in whatever order', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('ask' as const),
        request: fc.constantFrom({}, { forceRefresh: true }),
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
