import type { Milliseconds } from '../settings/milliseconds.ts';

/**
 * How long one address of a name may take, where the connection may take `connectTimeout`. Node gives each but the last
 * 250 ms, less than a round trip around the world, or than a lost packet takes to be sent again: a name whose last address
 * is unreachable, as of IPv6 where there is none, would never be reached. Half leaves time for a second address.
 */
export function attemptTimeout(connectTimeout: Milliseconds): Milliseconds {
  return Math.max(Math.round(connectTimeout / 2), 10); // Node takes whole ones from 10 on
}
