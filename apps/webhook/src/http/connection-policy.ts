import type { Milliseconds } from '@ecr-anywhere/secret-scan';

/** What is known of a connection. Times are of one clock that only goes forward. */
export interface ConnectionFacts {
  readonly openedAt: Milliseconds;
  /** Whether a good review ever came on it. Nobody but the API server has a reason to send one. */
  readonly sentReview: boolean;
  /**
   * - `idle`: nothing is asked on it, or its handshake is not over
   * - `receiving`: a request is coming
   * - `deciding`: a good review has come whole, and its answer is not made yet
   * - `sending`: the other side has not taken the answer yet
   */
  readonly state: 'idle' | 'receiving' | 'deciding' | 'sending';
  /** When `state` began. */
  readonly since: Milliseconds;
  /** What it takes of the memory. */
  readonly bytes: number;
}

/** How long a connection is new: the time for a handshake and a review. */
const NEW: Milliseconds = 5_000;

/** The API server sends a review at once, and takes its answer at once: what is on its way for longer is not its own. */
const STALLED: Milliseconds = 5_000;

/** The part of the memory that new connections may take from those that are known. */
const FOR_NEW = 0.25;

/**
 * Which connections are closed so that all of them take no more than `most` bytes, in this order:
 *
 * 1. those that never sent a good review, the oldest first, whatever they do
 * 2. those that did where a request or an answer has been on its way for more than five seconds, the longest first
 * 3. those that did and are idle, the one that has been idle longest first
 * 4. those that did where a request or an answer is on its way, the one for longest first
 * 5. the new ones, which are spared as long as they are few: else, where all others are known, nobody could become known
 *
 * A connection whose review is being decided on is never closed. `waiting-room.ts` limits how many of those there are.
 */
export function connectionsToClose<C extends ConnectionFacts>(
  connections: Iterable<C>,
  { most, now }: { readonly most: number; readonly now: Milliseconds },
): C[] {
  const all = [...connections];
  let excess = bytesOf(all) - most;
  const closed: C[] = [];
  if (excess <= 0) return closed;
  for (const group of groups(all, { most: most * FOR_NEW, now })) {
    // Sorted only when its turn comes: with many connections, and one too many at a time, that is most of the work.
    for (const connection of group.sort((one, other) => age(one) - age(other))) {
      if (excess <= 0) return closed;
      excess -= connection.bytes;
      closed.push(connection);
    }
  }
  return closed;
}

/** Those that may be closed, as numbered above. */
function groups<C extends ConnectionFacts>(
  connections: readonly C[],
  limits: { most: number; now: Milliseconds },
): readonly C[][] {
  const spared = newOnes(connections, limits);
  const [strangers, stalled, idle, busy, fresh]: [C[], C[], C[], C[], C[]] = [[], [], [], [], []];
  for (const connection of connections) {
    const { state, since } = connection;
    if (state === 'deciding') continue;
    if (!connection.sentReview) (spared.has(connection) ? fresh : strangers).push(connection);
    else if (state === 'idle') idle.push(connection);
    else (limits.now - since > STALLED ? stalled : busy).push(connection);
  }
  return [strangers, stalled, idle, busy, fresh];
}

/** The newest of those that never sent a good review, up to `most` bytes. */
function newOnes<C extends ConnectionFacts>(
  connections: readonly C[],
  { most, now }: { most: number; now: Milliseconds },
): ReadonlySet<C> {
  const spared = new Set<C>();
  let bytes = 0;
  const newestFirst = connections
    .filter(({ sentReview, openedAt }) => !sentReview && now - openedAt < NEW)
    .sort((one, other) => other.openedAt - one.openedAt);
  for (const connection of newestFirst) {
    bytes += connection.bytes;
    if (bytes > most) break;
    spared.add(connection);
  }
  return spared;
}

function age({ sentReview, openedAt, since }: ConnectionFacts): Milliseconds {
  return sentReview ? since : openedAt;
}

function bytesOf(connections: Iterable<ConnectionFacts>): number {
  let sum = 0;
  for (const { bytes } of connections) sum += bytes;
  return sum;
}
