const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * How much memory callers can make the webhook take, in bytes. A container has 192 MiB; the program itself takes up to 60 of
 * them (Node 24, measured).
 */
const MEMORY = 116 * MIB;

/** Of that for connections: from here on one is closed for each that comes. One with TLS takes 72 KiB (Node 24, measured). */
export const FOR_CONNECTIONS = { most: 0.8 * MEMORY, each: 72 * KIB };

/** Those for probes and metrics have no TLS. The few that there are come from kubelet and Prometheus. */
export const FOR_PROBES = { most: 0.8 * 2 * MIB, each: 20 * KIB };

/** Of the rest for reviews that wait for AWS: a thousand of ordinary size, and a few that are just leaving. */
export const FOR_WAITING = 1_016 * 16 * KIB;

/** What a body takes for each of its bytes until it is parsed and forgotten: itself, its text, and what that says. */
const OF_A_BODY = 8;

/** What is under way, in bytes of memory. */
export interface UnderWay {
  readonly connections: number;
  readonly waiting: number;
}

/** How many bytes of bodies there may be: what everything else leaves of the memory. */
export function roomForBodies({ connections, waiting }: UnderWay): number {
  // Connections that have just come are more for a moment, until others are closed.
  return (MEMORY - Math.min(connections, FOR_CONNECTIONS.most) - waiting) / OF_A_BODY;
}
