import { EcrTokenError, type EcrTokenResult } from '@ecr-anywhere/ecr-token';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { token } from '../testing/requests.ts';
import { WaitingRoom, type Place } from './waiting-room.ts';

const KIB = 1024;

/** Waits for the answer, however long it takes. */
const stays = () => undefined;

describe('reviews that need a token', () => {
  let room: WaitingRoom;
  let atHand: EcrTokenResult | undefined;
  let arrive: (result: EcrTokenResult) => void;
  let call: Promise<EcrTokenResult>;

  beforeEach(() => {
    room = new WaitingRoom(1_000 * 16 * KIB);
    atHand = undefined;
    call = new Promise((resolve) => (arrive = resolve));
  });

  /** Works like a provider: it gives the cached token immediately, or calls AWS until the caller gives up. */
  const ask = async ({ signal, explain }: Place): Promise<EcrTokenResult> => {
    if (atHand !== undefined) return atHand;
    const givenUp = new EcrTokenError({ code: 'aborted', message: 'given up', remedy: 'ask again' });
    if (signal?.aborted) throw explain(givenUp);
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(givenUp));
      void call.then(resolve);
    });
  };
  const fill = (count: number, kept = 8 * KIB) =>
    Array.from({ length: count }, () => room.wait(kept, stays, ask).catch(({ code }: EcrTokenError) => code));

  it('wait for AWS, up to a thousand of ordinary size', async () => {
    const waiting = fill(1_000);
    expect(room.count).toBe(1_000);
    arrive({ token: token(12) });
    expect(await Promise.all(waiting)).toEqual(Array(1_000).fill({ token: token(12) }));
  });

  it('are refused immediately with a remedy when that many are waiting', async () => {
    void fill(1_000);
    await expect(room.wait(0, stays, ask)).rejects.toMatchObject({
      code: 'aborted',
      transient: true,
      message: 'As many writes as the memory holds are waiting for AWS already',
      remedy: expect.stringContaining('try again in a minute'),
    });
    expect(room.count).toBe(1_000);
  });

  it('still get a cached token', async () => {
    void fill(1_000);
    atHand = { token: token(12) };
    expect(await room.wait(0, stays, ask)).toEqual({ token: token(12) });
    const network = new EcrTokenError({ code: 'network', message: 'ECR is not there', remedy: 'mend it' });
    atHand = { token: token(9), stale: network };
    expect(await room.wait(0, stays, ask)).toEqual({ token: token(9), stale: network });
  });

  it('are refused with the real cause if it is known', async () => {
    void fill(1_000);
    const denied = new EcrTokenError({ code: 'role-denied', message: 'no', remedy: 'change the trust' });
    await expect(room.wait(0, stays, ({ explain }) => Promise.reject(explain(denied)))).rejects.toBe(denied);
  });

  it('take larger places when they hold more memory', async () => {
    const outcomes = fill(1_000, 32 * KIB);
    expect(room.count).toBe(400);
    expect(room.bytes).toBeLessThanOrEqual(1_000 * 16 * KIB);
    arrive({ token: token(12) });
    expect((await Promise.all(outcomes)).filter((outcome) => outcome === 'aborted')).toHaveLength(600);
  });

  it('give up their places when their clients disconnect', async () => {
    const leave: (() => void)[] = [];
    const waiting = Array.from({ length: 1_000 }, () => {
      return room.wait(0, (listener) => void leave.push(listener), ask).catch(({ code }) => code as string);
    });
    for (const go of leave) go();
    while (room.count > 20) await new Promise(setImmediate);
    void fill(900);
    expect(room.count).toBeGreaterThan(900);
    arrive({ token: token(12) });
    expect((await Promise.all(waiting)).filter((outcome) => outcome === 'aborted').length).toBeGreaterThan(
      900,
    );
  });

  it('are answered a few at a time when many wait for one token', async () => {
    const waiting = fill(500);
    let answered = 0;
    for (const one of waiting) void one.then(() => (answered += 1));
    arrive({ token: token(12) });
    const perTurn: number[] = [];
    while (answered < 500) {
      const before = answered;
      await new Promise(setImmediate);
      perTurn.push(answered - before);
    }
    expect(Math.max(...perTurn)).toBeLessThan(100);
  });

  it('give up their places after any outcome', async () => {
    const waiting = fill(500);
    const failing = room.wait(0, stays, () => call.then(() => Promise.reject(new Error('a defect'))));
    arrive({ token: token(12) });
    await Promise.allSettled([...waiting, failing]);
    expect([room.count, room.bytes]).toEqual([0, 0]);
  });
});
