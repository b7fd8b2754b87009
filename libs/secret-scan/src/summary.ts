import type { Outcome } from './outcome.ts';

/** What a run came to. Its size does not depend on how many Secrets there are. */
export interface Summary {
  /** Managed Secrets that were looked at, `ignored` ones not counted. */
  readonly checked: number;
  readonly due: number;
  readonly refreshed: number;
  readonly failed: number;
  /** Due, but the run ended before their turn. */
  readonly skipped: number;
  readonly firstFailure?: Pick<Outcome, 'namespace' | 'name' | 'message'> | undefined;
}

/** A run that has looked at nothing yet. */
export const EMPTY_SUMMARY: Summary = { checked: 0, due: 0, refreshed: 0, failed: 0, skipped: 0 };

/** The summary with one more outcome in it. */
export function addOutcome(summary: Summary, outcome: Outcome): Summary {
  const { namespace, name, result, message } = outcome;
  if (result === 'ignored') return summary;
  const isDue = result !== 'fresh' && result !== 'gone';
  return {
    checked: summary.checked + 1,
    due: summary.due + (isDue ? 1 : 0),
    refreshed: summary.refreshed + (result === 'refreshed' ? 1 : 0),
    failed: summary.failed + (result === 'failed' ? 1 : 0),
    skipped: summary.skipped + (result === 'skipped' ? 1 : 0),
    firstFailure: summary.firstFailure ?? (result === 'failed' ? { namespace, name, message } : undefined),
  };
}

/** Whether every due Secret was refreshed. */
export function allFresh({ failed, skipped }: Summary): boolean {
  return failed === 0 && skipped === 0;
}

/** One line for people: `checked 12, due 3, refreshed 2, failed 1; first failure: team-a/pull: …`. */
export function summaryLine(summary: Summary): string {
  const { checked, due, refreshed, failed, skipped, firstFailure } = summary;
  const counts = `checked ${checked}, due ${due}, refreshed ${refreshed}, failed ${failed}`;
  const left = skipped > 0 ? `, not reached ${skipped}` : '';
  const why = firstFailure
    ? `; first failure: ${firstFailure.namespace}/${firstFailure.name}: ${firstFailure.message ?? 'no reason given'}`
    : '';
  return counts + left + why;
}
