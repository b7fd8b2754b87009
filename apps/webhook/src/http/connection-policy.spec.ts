import { describe, expect, it } from '@jest/globals';
import { connectionsToClose, type ConnectionFacts } from './connection-policy.ts';

const NOW = 1_000_000;
const EACH = 100;

interface Named extends ConnectionFacts {
  readonly name: string;
}

/** One that was opened so many seconds ago, and sent a good review where the time of its state is given. */
function connection(name: string, openedAgo: number, changes: Partial<ConnectionFacts> = {}): Named {
  const openedAt = NOW - openedAgo * 1_000;
  return { name, openedAt, sentReview: false, state: 'idle', since: openedAt, bytes: EACH, ...changes };
}

function known(name: string, idleFor: number, state: ConnectionFacts['state'] = 'idle'): Named {
  return connection(name, 10_000, { sentReview: true, state, since: NOW - idleFor * 1_000 });
}

function closed(connections: readonly Named[], most: number): string[] {
  return connectionsToClose(connections, { most: most * EACH, now: NOW }).map(({ name }) => name);
}

describe('connections that take more than their part of the memory', () => {
  it('are let be up to it', () => {
    expect(closed([connection('a', 90), known('b', 60)], 2)).toEqual([]);
  });

  it('lose the oldest that never sent a good review first, whatever it does', () => {
    const connections = [
      known('idle for long', 3_600),
      connection('younger', 80),
      connection('oldest', 90, { state: 'receiving', since: NOW }),
      connection('youngest', 70),
    ];
    expect(closed(connections, 3)).toEqual(['oldest']);
    expect(closed(connections, 1)).toEqual(['oldest', 'younger', 'youngest']);
  });

  it('then lose the one that has been idle longest', () => {
    const connections = [known('just used', 1), known('idle longest', 60), known('idle', 30)];
    expect(closed(connections, 2)).toEqual(['idle longest']);
    expect(closed(connections, 1)).toEqual(['idle longest', 'idle']);
  });

  it('never lose one whose review is being decided on, though nothing else is left', () => {
    const connections = [known('a', 60, 'deciding'), known('b', 60, 'deciding'), known('idle', 1)];
    expect(closed(connections, 1)).toEqual(['idle']);
  });

  it('lose those where a request or an answer makes no way before those that are idle', () => {
    const connections = [
      known('idle', 3_600),
      known('sends for long', 6, 'receiving'),
      known('takes its answer for longer', 7, 'sending'),
      connection('never sent a review', 90),
    ];
    expect(closed(connections, 2)).toEqual(['never sent a review', 'takes its answer for longer']);
    expect(closed(connections, 1)).toEqual([
      'never sent a review',
      'takes its answer for longer',
      'sends for long',
    ]);
  });

  it('lose those where something has been on its way for seconds after all that are idle', () => {
    const connections = [
      known('sends', 3, 'receiving'),
      known('takes its answer for longer', 4, 'sending'),
      known('idle', 1),
    ];
    expect(closed(connections, 2)).toEqual(['idle']);
    expect(closed(connections, 1)).toEqual(['idle', 'takes its answer for longer']);
  });

  describe('where somebody who is known has all of them', () => {
    const theirs = Array.from({ length: 100 }, (_, index) => known(`idle for ${index}`, index));

    it('let a new one live long enough to become known', () => {
      expect(closed([connection('new', 0.5), ...theirs], 100)).toEqual(['idle for 99']);
    });

    it('let it live also where a request is coming on each of theirs', () => {
      const busy = theirs.map((_, index) => known(`comes for ${index}`, index, 'receiving'));
      expect(closed([connection('new', 0.5), ...busy], 100)).toEqual(['comes for 99']);
    });

    it('do not spare one that is no longer new', () => {
      expect(closed([connection('unused', 20), ...theirs], 100)).toEqual(['unused']);
    });

    it('spare no more than a quarter, the newest ones', () => {
      const fresh = Array.from({ length: 30 }, (_, index) => connection(`new for ${index}`, index / 100));
      expect(closed([...fresh, ...theirs], 100)).toEqual([
        // Of the new ones all but 25, then those that have been idle longest.
        ...['new for 29', 'new for 28', 'new for 27', 'new for 26', 'new for 25'],
        ...Array.from({ length: 25 }, (_, index) => `idle for ${99 - index}`),
      ]);
    });
  });

  it('count by what they take, not by heads', () => {
    const large = connection('large', 80, { bytes: 3 * EACH });
    expect(closed([large, connection('small', 90), known('known', 1)], 2)).toEqual(['small', 'large']);
    expect(closed([large, connection('young', 70), known('known', 1)], 2)).toEqual(['large']);
  });
});
