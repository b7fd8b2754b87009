import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { EcrToken } from './ecr-token.ts';
import { EcrTokenError } from './errors.ts';
import { TokenCache, type Issued, type TokenCacheOptions } from './token-cache.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-01-02T03:04:05Z');
const POLICY = { young: HOUR, minRemaining: 6 * HOUR, failure: 1_000 };

function tokenAt(now: number, life = 12 * HOUR): EcrToken {
  return new EcrToken({
    username: 'AWS',
    password: `password-${now}`,
    region: 'eu-west-1',
    issuedAt: new Date(now),
    expiresAt: new Date(now + life),
  });
}

const AWAY = new EcrTokenError({ code: 'network', message: 'away', remedy: 'wait' });

/** A cache before an AWS that does as it is told. */
function staged(changes: Partial<TokenCacheOptions> = {}) {
  const aws = { now: START, calls: 0, isAway: false, life: 12 * HOUR };
  const events: string[] = [];
  const cache = new TokenCache({
    issue: async () => {
      aws.calls += 1;
      await Promise.resolve();
      if (aws.isAway) throw AWAY;
      return { token: tokenAt(aws.now, aws.life), clockOffset: 0 };
    },
    policy: POLICY,
    timeout: 15_000,
    renewAhead: false,
    clock: () => aws.now,
    random: () => 0,
    onRenewed: () => events.push('renewed'),
    onFailed: ({ code }) => events.push(code),
    ...changes,
  });
  return { aws, cache, events };
}

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

  it('keeps the token at hand where AWS answers with one that ends sooner', async () => {
    const { aws, cache, events } = staged();
    const { token } = await cache.get();
    aws.now += HOUR;
    aws.life = 60_000;
    expect(await cache.get()).toMatchObject({ token, stale: { code: 'bad-response' } });
    expect(cache.peek()).toBe(token);
    expect(events).toEqual(['renewed', 'bad-response']);
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

  it('answers from memory after a failure, for a pause that doubles up to half a minute', async () => {
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
      aws.now += 60_000; // past the pause that this call began
    }
    expect(pauses[0]).toBeLessThanOrEqual(1_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
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
    let answer: (issued: Issued) => void = () => undefined;
    const { cache } = staged({ issue: () => new Promise((resolve) => (answer = resolve)) });
    const patient = cache.get({ timeout: 60_000 });
    await expect(cache.get({ timeout: 1 })).rejects.toMatchObject({ code: 'timeout', transient: true });
    answer({ token: tokenAt(START), clockOffset: 0 });
    expect((await patient).token.password).toBe(`password-${START}`);
  });

  it.each([2 ** 31, Number.POSITIVE_INFINITY])(
    'takes a timeout of %d ms for what it says',
    async (timeout) => {
      const { cache } = staged({
        timeout,
        issue: () =>
          new Promise((resolve) => setTimeout(resolve, 20, { token: tokenAt(START), clockOffset: 0 })),
      });
      expect((await cache.get({ timeout })).token.password).toBe(`password-${START}`);
    },
  );

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

  it('does not take a token for young because a clock was set back, nor a pause for hours', async () => {
    const { aws, cache } = staged();
    await cache.get();
    aws.now -= 5 * HOUR;
    await cache.get();
    expect(aws.calls).toBe(2);
    aws.isAway = true;
    await cache.get({ forceRefresh: true });
    aws.now -= 5 * HOUR;
    await cache.get();
    expect(aws.calls).toBe(4);
  });

  it('judges expiry by the clock of AWS where this machine’s is off', async () => {
    const offset = 3 * HOUR;
    const { aws, cache } = staged({
      issue: async () => ({ token: tokenAt(START + offset, HOUR), clockOffset: offset }),
      policy: { ...POLICY, minRemaining: 0 },
    });
    await cache.get();
    aws.now += HOUR / 2 - 1;
    expect(cache.peek()).toBeDefined();
    aws.now += HOUR / 2 + 1;
    expect(cache.peek()).toBeUndefined();
  });

  describe('with its timer', () => {
    beforeEach(() => void jest.useFakeTimers({ now: START }));
    afterEach(() => void jest.useRealTimers());

    it('makes no timer for the timeout of a caller that need not wait, and keeps none afterwards', async () => {
      const { cache } = staged();
      await cache.get({ timeout: HOUR });
      await Promise.all(Array.from({ length: 100 }, () => cache.get({ timeout: HOUR })));
      expect(jest.getTimerCount()).toBe(0);
    });

    it('renews ahead of need, idle or not, and keeps trying through an outage', async () => {
      const { aws, cache, events } = staged({ renewAhead: true, clock: () => Date.now() });
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

    it('spreads renewals, so that replicas do not ask in step', async () => {
      const { cache, events } = staged({
        renewAhead: true,
        clock: () => Date.now(),
        random: () => 0.999,
        issue: async () => ({ token: tokenAt(Date.now()), clockOffset: 0 }),
      });
      await cache.get();
      await jest.advanceTimersByTimeAsync(HOUR * 0.9 - 1_000);
      expect(events).toHaveLength(1);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(events).toHaveLength(2);
    });

    it('never renews in a stream, even where each token looks old', async () => {
      const { cache, events } = staged({ renewAhead: true, clock: () => Date.now() }); // tokens of START, for ever
      await cache.get();
      await jest.advanceTimersByTimeAsync(2 * HOUR);
      expect(events.length).toBeLessThanOrEqual(HOUR / POLICY.failure + 2);
      cache.close();
    });

    it('makes no call of its own once it is closed', async () => {
      const { aws, cache } = staged({ renewAhead: true, clock: () => Date.now() });
      await cache.get();
      cache.close();
      await jest.advanceTimersByTimeAsync(24 * HOUR);
      expect(aws.calls).toBe(1);
      await cache.get({ forceRefresh: true }); // callers are still served
      await jest.advanceTimersByTimeAsync(24 * HOUR);
      expect(aws.calls).toBe(2);
    });

    it('gives a hanging call up in time, and starts another afterwards', async () => {
      let calls = 0;
      const { cache } = staged({
        issue: () => {
          calls += 1;
          return calls === 1
            ? new Promise(() => undefined)
            : Promise.resolve({ token: tokenAt(Date.now()), clockOffset: 0 });
        },
        clock: () => Date.now(),
      });
      const hanging = expect(cache.get()).rejects.toMatchObject({ code: 'timeout' });
      await jest.advanceTimersByTimeAsync(15_000);
      await hanging;
      expect((await cache.get({ forceRefresh: true })).token).toBeDefined();
    });
  });

  it('keeps no process alive', async () => {
    const { cache } = staged({ renewAhead: true });
    const timers = jest.spyOn(globalThis, 'setTimeout');
    await cache.get();
    const renewal = timers.mock.results.map(({ value }) => value as unknown as NodeJS.Timeout).at(-1);
    expect(renewal?.hasRef()).toBe(false);
    cache.close();
    timers.mockRestore();
  });

  it('keeps its promises whatever happens in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('ask' as const), force: fc.boolean() }),
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
            return { token: tokenAt(aws.now), clockOffset: 0 };
          },
        });
        for (const action of steps) {
          if (action.do === 'pass') aws.now += action.time;
          else if (action.do === 'away') aws.isAway = action.isAway;
          else {
            const answers = await Promise.allSettled([
              cache.get({ forceRefresh: action.force }),
              cache.get(),
            ]);
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
