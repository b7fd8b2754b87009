import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';

/**
 * The time at AWS, in milliseconds since 1970. A provider that AWS has answered knows it. If there is none, it is the time of this
 * machine.
 */
export function timeAtAws(providers: readonly EcrTokenProvider[]): number {
  const told = providers.find((tokens) => tokens.peek() !== undefined) ?? providers[0];
  return told?.now() ?? Date.now();
}
