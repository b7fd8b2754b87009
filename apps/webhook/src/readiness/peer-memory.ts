import type { Milliseconds } from '@ecr-anywhere/settings';
import type { PeerAnswer } from './peer-question.ts';

/** How long the answer that another replica holds a token counts, whatever is answered after it. */
const HOLDS_COUNTS_FOR: Milliseconds = 30_000;

/** How long unclear answers count in all. */
const UNCLEAR_COUNTS_FOR: Milliseconds = 60_000;

/**
 * Remembers answers. A replica that holds a token may be slow for a while, so that one late answer must not count as
 * "none". But a replica that hangs forever must not keep this one unready forever: unclear answers count for a minute in
 * all, until another replica is known to hold a token again.
 */
export function peerMemory(
  ask: () => Promise<PeerAnswer>,
  clock: () => Milliseconds,
): () => Promise<PeerAnswer> {
  let heldAt = -Infinity;
  let unclearSince: number | undefined;
  return async () => {
    const answer = await ask();
    const now = clock();
    if (answer === 'holds') {
      heldAt = now;
      unclearSince = undefined;
    }
    if (now - heldAt < HOLDS_COUNTS_FOR) return 'holds';
    if (answer !== 'unclear') return 'none';
    unclearSince ??= now;
    return now - unclearSince < UNCLEAR_COUNTS_FOR ? 'unclear' : 'none';
  };
}
