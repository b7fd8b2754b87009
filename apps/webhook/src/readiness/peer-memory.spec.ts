import { beforeEach, describe, expect, it } from '@jest/globals';
import { peerMemory } from './peer-memory.ts';
import type { PeerAnswer } from './peer-question.ts';

const SECOND = 1_000;

describe('the answers of other replicas', () => {
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

  it.each(['holds', 'unclear', 'none'] as const)('count as they are at first: %s', async (answer) => {
    expect(await remember(answer)).toBe(answer);
  });

  it.each(['unclear', 'none'] as const)(
    'count as "holds" for 30 s after that answer, and then as %s',
    async (answer) => {
      await remember('holds');
      now = 29 * SECOND;
      expect(await remember(answer)).toBe('holds');
      now = 30 * SECOND;
      expect(await remember(answer)).toBe(answer);
    },
  );

  it('that are unclear stop counting after a minute: a replica that hangs forever keeps no other unready', async () => {
    await remember('unclear');
    now = 59 * SECOND;
    expect(await remember('unclear')).toBe('unclear');
    now = 60 * SECOND;
    expect(await remember('unclear')).toBe('none');
    now = 3_600 * SECOND;
    expect(await remember('unclear')).toBe('none');
  });

  it('that are unclear count for one minute in total, even if clear answers come in between', async () => {
    await remember('unclear');
    now = 40 * SECOND;
    expect(await remember('none')).toBe('none');
    now = 70 * SECOND;
    expect(await remember('unclear')).toBe('none');
  });

  it('that are unclear count for another minute once a replica held a token', async () => {
    await remember('unclear');
    now = 100 * SECOND;
    await remember('holds');
    now = 130 * SECOND;
    expect(await remember('unclear')).toBe('unclear');
    now = 190 * SECOND;
    expect(await remember('unclear')).toBe('none');
  });
});
