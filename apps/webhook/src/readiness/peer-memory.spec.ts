import { beforeEach, describe, expect, it } from '@jest/globals';
import { peerMemory } from './peer-memory.ts';
import type { PeerAnswer } from './peer-question.ts';

const SECOND = 1_000;

describe('what is made of the answers of other replicas', () => {
  let now: number;
  let remember: (answer: PeerAnswer) => Promise<PeerAnswer>;

  beforeEach(() => {
    now = 0;
    let answer: PeerAnswer;
    const memory = peerMemory(
      async () => answer,
      () => now,
    );
    remember = (given) => {
      answer = given;
      return memory();
    };
  });

  it.each(['holds', 'unclear', 'none'] as const)('is what the first one says: %s', async (answer) => {
    expect(await remember(answer)).toBe(answer);
  });

  it.each(['unclear', 'none'] as const)(
    'is a token for 30 s after one was heard of, then %s',
    async (answer) => {
      await remember('holds');
      now = 29 * SECOND;
      expect(await remember(answer)).toBe('holds');
      now = 30 * SECOND;
      expect(await remember(answer)).toBe(answer);
    },
  );

  it('is nobody after a minute without a proper answer: who hangs for good keeps nobody out', async () => {
    await remember('unclear');
    now = 59 * SECOND;
    expect(await remember('unclear')).toBe('unclear');
    now = 60 * SECOND;
    expect(await remember('unclear')).toBe('none');
    now = 3_600 * SECOND;
    expect(await remember('unclear')).toBe('none');
  });

  it('does not begin again with each answer that says no', async () => {
    await remember('unclear');
    now = 40 * SECOND;
    expect(await remember('none')).toBe('none');
    now = 70 * SECOND;
    expect(await remember('unclear')).toBe('none');
  });

  it('begins again once a token was heard of', async () => {
    await remember('unclear');
    now = 100 * SECOND;
    await remember('holds');
    now = 130 * SECOND;
    expect(await remember('unclear')).toBe('unclear');
    now = 190 * SECOND;
    expect(await remember('unclear')).toBe('none');
  });
});
