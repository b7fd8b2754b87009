import { describe, expect, it } from '@jest/globals';
import { connectionsToClose, type ConnectionFacts } from './connection-policy.ts';

const NOW = 1_000_000;
const EACH = 100;

interface Named extends ConnectionFacts {
  readonly name: string;
}

/** A connection that was opened this many seconds ago. It has sent a good review if the time of its state is given. */
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

describe('connections that take too much memory', () => {
  it('are left open up to the limit', () => {
    expect(closed([connection('a', 90), known('b', 60)], 2)).toEqual([]);
  });

  it('are closed if they never sent a review, the oldest first, in any state', () => {
    const connections = [
      known('idle for long', 3_600),
      connection('younger', 80),
      connection('oldest', 90, { state: 'receiving', since: NOW }),
      connection('youngest', 70),
    ];
    expect(closed(connections, 3)).toEqual(['oldest']);
    expect(closed(connections, 1)).toEqual(['oldest', 'younger', 'youngest']);
  });

  it('are then closed if they are idle, the one that has been idle longest first', () => {
    const connections = [known('just used', 1), known('idle longest', 60), known('idle', 30)];
    expect(closed(connections, 2)).toEqual(['idle longest']);
    expect(closed(connections, 1)).toEqual(['idle longest', 'idle']);
  });

  it('are never closed while they wait for an answer, even if no other connection is left', () => {
    const connections = [known('a', 60, 'deciding'), known('b', 60, 'deciding'), known('idle', 1)];
    expect(closed(connections, 1)).toEqual(['idle']);
  });

  it('are closed if a transfer stalls, before those that are idle', () => {
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

  it('are closed during a transfer of a few seconds only after all that are idle', () => {
    const connections = [
      known('sends', 3, 'receiving'),
      known('takes its answer for longer', 4, 'sending'),
      known('idle', 1),
    ];
    expect(closed(connections, 2)).toEqual(['idle']);
    expect(closed(connections, 1)).toEqual(['idle', 'takes its answer for longer']);
  });

  describe('when all others have sent a review', () => {
    const theirs = Array.from({ length: 100 }, (_, index) => known(`idle for ${index}`, index));

    it('are not closed while they are new, because they must be able to send a review', () => {
      expect(closed([connection('new', 0.5), ...theirs], 100)).toEqual(['idle for 99']);
    });

    it('are not closed while they are new, even if all other connections are receiving a request', () => {
      const busy = theirs.map((_, index) => known(`comes for ${index}`, index, 'receiving'));
      expect(closed([connection('new', 0.5), ...busy], 100)).toEqual(['comes for 99']);
    });

    it('are closed when they are no longer new', () => {
      expect(closed([connection('unused', 20), ...theirs], 100)).toEqual(['unused']);
    });

    it('are not closed while they are new, up to a quarter of the memory, the newest first', () => {
      const fresh = Array.from({ length: 30 }, (_, index) => connection(`new for ${index}`, index / 100));
      expect(closed([...fresh, ...theirs], 100)).toEqual([
        // All new connections except 25, and then those that have been idle longest.
        ...['new for 29', 'new for 28', 'new for 27', 'new for 26', 'new for 25'],
        ...Array.from({ length: 25 }, (_, index) => `idle for ${99 - index}`),
      ]);
    });
  });

  it('are limited by their memory, not by their number', () => {
    const large = connection('large', 80, { bytes: 3 * EACH });
    expect(closed([large, connection('small', 90), known('known', 1)], 2)).toEqual(['small', 'large']);
    expect(closed([large, connection('young', 70), known('known', 1)], 2)).toEqual(['large']);
  });
});
