import type { Milliseconds } from '@ecr-anywhere/settings';

/** What is known about a connection. All times come from one clock that only goes forward. */
export interface ConnectionFacts {
  readonly openedAt: Milliseconds;
  /** Whether a review ever arrived on it. Only the API server has a reason to send one. */
  readonly sentReview: boolean;
  /**
   * - `idle`: nothing is asked on it, or its handshake is not over
   * - `receiving`: a request is arriving
   * - `deciding`: a whole review has arrived, and its answer is not made yet
   * - `sending`: the client has not taken the answer yet
   */
  readonly state: 'idle' | 'receiving' | 'deciding' | 'sending';
  /** When `state` began. */
  readonly since: Milliseconds;
  /** Bytes of memory that it takes. */
  readonly bytes: number;
}

/** How long a connection counts as new: time for a handshake and a review. */
const NEW: Milliseconds = 5_000;

/** The API server sends a review and takes its answer at once. A transfer that lasts longer is somebody else's. */
const STALLED: Milliseconds = 5_000;

/** The share of the memory that new connections may take. */
const FOR_NEW = 0.25;

/**
 * Which connections to close so that all of them take no more than `most` bytes, in this order:
 *
 * 1. connections that never sent a review, the oldest first, whatever they do
 * 2. connections that sent one, with a transfer of more than five seconds, the longest first
 * 3. connections that sent one and are idle, the one that has been idle longest first
 * 4. connections that sent one, with a shorter transfer, the longest first
 * 5. new connections. A few of them are spared until now: otherwise a new connection could never send its first review
 *
 * A connection that waits for its answer is never closed. `waiting-room.ts` limits how many of those there are.
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
    // A group is sorted only when its turn comes. If there are many connections, sorting is most of the work.
    for (const connection of group.sort((one, other) => age(one) - age(other))) {
      if (excess <= 0) return closed;
      excess -= connection.bytes;
      closed.push(connection);
    }
  }
  return closed;
}

/** The connections that may be closed, in the order above. */
function groups<C extends ConnectionFacts>(
  connections: readonly C[],
  limits: { most: number; now: Milliseconds },
): readonly C[][] {
  const newest = newestStrangers(connections, limits);
  const [strangers, stalled, idle, busy, spared]: [C[], C[], C[], C[], C[]] = [[], [], [], [], []];
  for (const connection of connections) {
    const { state, since } = connection;
    if (state === 'deciding') continue;
    if (!connection.sentReview) (newest.has(connection) ? spared : strangers).push(connection);
    else if (state === 'idle') idle.push(connection);
    else (limits.now - since > STALLED ? stalled : busy).push(connection);
  }
  return [strangers, stalled, idle, busy, spared];
}

/** The newest connections that never sent a review, up to `most` bytes. */
function newestStrangers<C extends ConnectionFacts>(
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
