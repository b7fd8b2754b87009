import type { Milliseconds } from '../settings/milliseconds.ts';

/**
 * How long Node may try one address of a host before it tries the next one. By default that is 250 ms, which is less
 * than a round trip around the world, or than the resending of a lost packet. A host whose last address cannot be
 * reached, such as an IPv6 address on a network without IPv6, would then never be reached. Half of `connectTimeout`
 * leaves time for a second address.
 */
export function attemptTimeout(connectTimeout: Milliseconds): Milliseconds {
  return Math.max(Math.round(connectTimeout / 2), 10); // Node accepts whole milliseconds, 10 at least
}
