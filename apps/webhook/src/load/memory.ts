const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Bytes of memory that callers can make the webhook take. A container has 192 MiB; the program itself takes up to 60 MiB
 * (measured with Node 24).
 */
const MEMORY = 116 * MIB;

/** The part for connections. Above it, one is closed for each new one. A TLS connection takes 72 KiB (measured with Node 24). */
export const FOR_CONNECTIONS = { most: 0.8 * MEMORY, each: 72 * KIB };

/** The port for probes and metrics has no TLS, and only kubelet and Prometheus connect to it. */
export const FOR_PROBES = { most: 0.8 * 2 * MIB, each: 20 * KIB };

/** The part for reviews that wait for AWS: a thousand of ordinary size, and a few that are just being answered. */
export const FOR_WAITING = 1_016 * 16 * KIB;

/** Bytes of memory for each byte of a body until it is parsed and let go: the body, its text, and the parsed values. */
const PER_BODY_BYTE = 8;

/** Bytes of memory in use. */
export interface MemoryInUse {
  readonly connections: number;
  readonly waiting: number;
}

/** How many bytes all bodies together may have: bodies get what connections and waiting reviews leave. */
export function roomForBodies({ connections, waiting }: MemoryInUse): number {
  // Just after connections have opened, they may take more than their part for a moment.
  return (MEMORY - Math.min(connections, FOR_CONNECTIONS.most) - waiting) / PER_BODY_BYTE;
}
