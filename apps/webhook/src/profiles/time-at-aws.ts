import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';

/**
 * The time at AWS, in milliseconds since 1970. A provider with a token knows it from AWS's answer.
 *
 * If none has a token, one may still know it from an error of AWS, and the others have the time of this machine. The latest of
 * these times counts: to take a credential for ended is better than to take an ended one for good. So the order of the regions does
 * not matter.
 */
export function timeAtAws(providers: readonly EcrTokenProvider[]): number {
  const told = providers.find((tokens) => tokens.peek() !== undefined);
  if (told !== undefined) return told.now();
  return providers.length === 0 ? Date.now() : Math.max(...providers.map((tokens) => tokens.now()));
}
