import type { Milliseconds } from '@ecr-anywhere/secret-scan';

/**
 * Node goes on to the next address of a name after this long. Its own 250 ms are less than a round trip to the other side of
 * the world: a server that is far away and has several addresses would never be reached.
 */
export const ATTEMPT_TIMEOUT: Milliseconds = 2_500;

/** The host of a URL, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, '');
}

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The port of a URL, or that of its scheme. */
export function portOf({ port, protocol }: URL): string {
  return port || (PORTS[protocol] ?? '1080');
}
