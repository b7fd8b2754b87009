import type { Choice } from './choice.ts';

/**
 * What the writer of a Secret is told about what went in; undefined where all is well. Below 120 characters, as longer
 * warnings may be cut.
 */
export function warningOf({ kept, expiresAt, stale, isShortLived }: Choice): string | undefined {
  const until = untilText(expiresAt);
  const outcome = kept
    ? `the old credentials stay, until ${until}`
    : `these credentials are good until ${until}`;
  if (stale !== undefined) return `ECR Anywhere cannot renew its token (${stale.code}); ${outcome}`;
  return isShortLived ? `AWS gives ECR Anywhere a short-lived token; ${outcome}` : undefined;
}

/** A time for people: `2026-01-02 03:04 UTC`. */
function untilText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
