import type { FailedOutcome, Outcome } from './outcome.ts';

/** The result of a run. Its size does not depend on the number of Secrets. */
export interface Summary {
  /** The number of managed Secrets, without those that are `ignored`. */
  readonly checked: number;
  readonly due: number;
  readonly refreshed: number;
  readonly failed: number;
  /** They are due, but the run ended before. */
  readonly skipped: number;
  /** They were never filled, since the webhook refuses them because of themselves. This is no failure. */
  readonly unfillable: number;
  /** Namespaces that were named and could not be read. Each is a failure. */
  readonly namespacesFailed: number;
  readonly firstFailure?: Failure | undefined;
  readonly firstUnfillable?: Failure | undefined;
  /** The Secret whose credentials end first, of those that can be refreshed. */
  readonly firstToEnd?: CredentialsEnd | undefined;
}

/** A Secret that was not refreshed, and why. Without a name, it is a namespace that could not be read. */
export interface Failure {
  readonly namespace: string;
  readonly name?: string | undefined;
  readonly message: string;
}

/** A Secret, and when its credentials end, in milliseconds since 1970. */
export interface CredentialsEnd {
  readonly namespace: string;
  readonly name: string;
  readonly expiresAt: number;
}

/** The summary before the first Secret. */
export const EMPTY_SUMMARY: Summary = {
  checked: 0,
  due: 0,
  refreshed: 0,
  failed: 0,
  skipped: 0,
  unfillable: 0,
  namespacesFailed: 0,
};

const NOT_DUE: ReadonlySet<Outcome['result']> = new Set(['fresh', 'gone', 'unfillable']);

/** Adds an outcome to a summary. */
export function addOutcome(summary: Summary, outcome: Outcome): Summary {
  const { result } = outcome;
  if (result === 'ignored') return summary;
  return {
    ...summary,
    checked: summary.checked + 1,
    due: summary.due + (NOT_DUE.has(result) ? 0 : 1),
    refreshed: summary.refreshed + (result === 'refreshed' ? 1 : 0),
    failed: summary.failed + (result === 'failed' ? 1 : 0),
    skipped: summary.skipped + (result === 'skipped' ? 1 : 0),
    unfillable: summary.unfillable + (result === 'unfillable' ? 1 : 0),
    firstFailure: summary.firstFailure ?? (outcome.result === 'failed' ? failureOf(outcome) : undefined),
    firstUnfillable:
      summary.firstUnfillable ?? (outcome.result === 'unfillable' ? failureOf(outcome) : undefined),
    firstToEnd: earlier(summary.firstToEnd, outcome),
  };
}

/** Adds a namespace that could not be read to a summary. */
export function addNamespaceFailure(summary: Summary, namespace: string, message: string): Summary {
  return {
    ...summary,
    namespacesFailed: summary.namespacesFailed + 1,
    firstFailure: summary.firstFailure ?? { namespace, message },
  };
}

/** Whether every Secret that was due was refreshed, and every namespace that was named was read. */
export function allFresh({ failed, skipped, namespacesFailed }: Summary): boolean {
  return failed === 0 && skipped === 0 && namespacesFailed === 0;
}

/**
 * The summary in one line. What may be long comes last:
 * `checked 12, due 3, refreshed 2, failed 1; first to end: team-b/pull at 2026-01-02T08:00:00Z; first failure: team-a/pull: …`.
 */
export function summaryLine(summary: Summary): string {
  const { checked, due, refreshed, failed, skipped, unfillable, namespacesFailed } = summary;
  const { firstFailure, firstUnfillable, firstToEnd } = summary;
  const counts = [
    `checked ${checked}, due ${due}, refreshed ${refreshed}, failed ${failed}`,
    ...(skipped > 0 ? [`not reached ${skipped}`] : []),
    ...(unfillable > 0 ? [`cannot be filled ${unfillable}`] : []),
    ...(namespacesFailed > 0 ? [`namespaces not checked ${namespacesFailed}`] : []),
  ];
  return [
    counts.join(', '),
    ...(firstToEnd ? [`first to end: ${nameOf(firstToEnd)} at ${timeText(firstToEnd.expiresAt)}`] : []),
    ...(firstFailure ? [`first failure: ${failureText(firstFailure)}`] : []),
    ...(firstUnfillable ? [`cannot be filled: ${failureText(firstUnfillable)}`] : []),
  ].join('; ');
}

function failureOf({ namespace, name, message }: FailedOutcome): Failure {
  return { namespace, name, message };
}

function earlier(
  firstToEnd: Summary['firstToEnd'],
  { namespace, name, expiresAt, needsCorrection }: Outcome,
): Summary['firstToEnd'] {
  if (needsCorrection) return firstToEnd; // it would hide the others for ever
  if (expiresAt === undefined || (firstToEnd && firstToEnd.expiresAt <= expiresAt)) return firstToEnd;
  return { namespace, name, expiresAt };
}

function failureText(failure: Failure): string {
  return `${nameOf(failure)}: ${failure.message}`;
}

function nameOf({ namespace, name }: { namespace: string; name?: string | undefined }): string {
  return name === undefined ? `namespace ${namespace}` : `${namespace}/${name}`;
}

/** To the second: `2026-01-02T08:00:00Z`. */
function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
