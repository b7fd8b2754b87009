import { WARNINGS } from '@ecr-anywhere/secret-scan';
import type { Choice } from './choice.ts';

/**
 * The warning to the writer of a Secret; undefined if there is none. It is shorter than 120 characters, because the API
 * server may cut longer warnings.
 */
export function warningOf({ oldStays, expiresAt, stale, isShortLived }: Choice): string | undefined {
  const until = untilText(expiresAt);
  const outcome = oldStays
    ? `${WARNINGS.oldStay}, until ${until}`
    : `these credentials are good until ${until}`;
  if (stale !== undefined) return `${WARNINGS.cannotRenew} (${stale.code}); ${outcome}`;
  return isShortLived ? `${WARNINGS.shortLived}; ${outcome}` : undefined;
}

/** A time for people: `2026-01-02 03:04 UTC`. */
function untilText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
