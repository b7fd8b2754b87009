import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import type { PeerAnswer } from './peer-question.ts';

/** How long a token of another replica is believed in, whatever is heard afterwards. */
const HOLDS: Milliseconds = 30_000;

/** How long somebody who does not answer properly may be one that holds a token. */
const UNCLEAR: Milliseconds = 60_000;

/**
 * What to make of one answer after the other: a replica that holds a token may be slow for a while, and one slow answer must
 * not count as nobody. Yet whoever hangs for good must not keep this replica out for good: all that is unclear counts for a
 * minute together, until a token is heard of again.
 */
export function peerMemory(
  ask: () => Promise<PeerAnswer>,
  clock: () => Milliseconds,
): () => Promise<PeerAnswer> {
  let held = -Infinity;
  let unclearSince: number | undefined;
  return async () => {
    const answer = await ask();
    const now = clock();
    if (answer === 'holds') {
      held = now;
      unclearSince = undefined;
    }
    if (now - held < HOLDS) return 'holds';
    if (answer !== 'unclear') return 'none';
    unclearSince ??= now;
    return now - unclearSince < UNCLEAR ? 'unclear' : 'none';
  };
}
