import { WARNINGS } from '@ecr-anywhere/secret-scan';
import type { Choice } from '../grants/choice.ts';

/**
 * The warning to the writer of a Secret about one grant; undefined if there is none. The API server may cut warnings of more
 * than 256 characters, and asks for no more than 120 where that is possible: a Secret with one grant never has more.
 *
 * @param name - of the grant, if the Secret has several
 */
export function warningOf(choice: Choice, name?: string): string | undefined {
  const { trouble, isShortLived } = choice;
  const of = name === undefined ? '' : ` for ${name}`;
  if (choice.kind === 'missing') {
    const outcome = choice.old
      ? `${WARNINGS.oldStay}, and may have expired`
      : 'the Secret has no credentials for it';
    return `${WARNINGS.noToken}${of} (${choice.trouble.code}); ${outcome}`;
  }
  const until = untilText(choice.expiresAt);
  const outcome =
    choice.kind === 'old'
      ? `${WARNINGS.oldStay}, until ${until}`
      : `these credentials are good until ${until}`;
  if (trouble !== undefined) return `${WARNINGS.cannotRenew}${of} (${trouble.code}); ${outcome}`;
  return isShortLived ? `${WARNINGS.shortLived}${of}; ${outcome}` : undefined;
}

/** A time for people: `2026-01-02 03:04 UTC`. */
function untilText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
