import { annotation, LABELS, WARNINGS, wasFilled, type Milliseconds, type ObjectMeta } from './contract.ts';
import { dueReason, hasExpectedHash, readExpiry, type DuePolicy, type DueReason } from './due.ts';
import { missingOf, readEnds } from './ends.ts';
import { readTime } from './time.ts';

/**
 * The result of a run for one managed Secret.
 *
 * - `fresh`: it was not due
 * - `refreshed`: it was due, and has new credentials
 * - `failed`: it was due, and has no new credentials; `message` says why and what to do
 * - `gone`: it was deleted since it was listed, or is being deleted
 * - `unfillable`: it was never filled, and the webhook refuses it because of the Secret itself, such as its type;
 *   `message` says why
 * - `ignored`: it was never filled, and its namespace is not enabled
 * - `skipped`: it is due, but the run ended before
 * - `planned`: it is due, and the run was a dry run
 */
export type Outcome = FailedOutcome | OutcomeWithoutMessage;

/** The outcome of a Secret that has no new credentials, although it needs some. */
export interface FailedOutcome extends OutcomeFacts {
  readonly result: 'failed' | 'unfillable';
  /** What happened and what to do. It contains no annotation, except for times. */
  readonly message: string;
}

/** Any other outcome. */
export interface OutcomeWithoutMessage extends OutcomeFacts {
  readonly result: 'fresh' | 'refreshed' | 'gone' | 'ignored' | 'skipped' | 'planned';
  readonly message?: undefined;
}

interface OutcomeFacts {
  readonly namespace: string;
  readonly name: string;
  readonly due?: DueReason | undefined;
  /** The webhook's warning, after a refresh. */
  readonly warning?: string | undefined;
  /** When the credentials in the Secret end now, in milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  /** What somebody has to correct before anybody can refresh it: the Secret itself, or the label of its namespace. */
  readonly needsCorrection?: 'secret' | 'namespace' | undefined;
}

/** If they differ by more than this, the clock of AWS or of the API server is wrong. */
const CLOCK_DIFFERENCE: Milliseconds = 5 * 60_000;

const NOT_CALLED =
  'the webhook was not called: check that the namespace still has the label ' +
  `${LABELS.namespace}=enabled, and that the MutatingWebhookConfiguration exists with failurePolicy Fail`;

/** The message about a Secret that the webhook filled under other settings than those that the policy expects. */
export const OTHER_SETTINGS =
  'The webhook runs under other settings, so that the Secret would be due forever; give both programs the same ' +
  'AWS_REGION, AWS_REGIONS, AWS_ROLE_ARN, ECR_TOKEN_ASSUME_ROLE, REGISTRY_HOSTS and PROFILES_FILE';

/**
 * Whether a Secret that was marked was refreshed. Only the API server's answer to the mark counts.
 *
 * `updated_at` proves the refresh if it differs from the value before, whatever time it is. If the credentials then seem
 * to end at the wrong time, `updated_at` also shows whether a wrong clock is the reason.
 *
 * If the webhook has no newer token, it does not replace the credentials, so that pulls still work. It then writes a new
 * `updated_at` as well, and a warning. This is no refresh.
 *
 * @param before - the Secret as it was listed
 * @param after - the Secret in the answer
 * @param warnings - the warnings in the answer; those of other webhooks are ignored
 */
export function judgeRefresh(
  before: ObjectMeta,
  after: ObjectMeta,
  policy: DuePolicy,
  warnings: readonly string[] = [],
): Outcome {
  const due = dueReason(before, policy);
  if (!isFilledAgain(before, after)) {
    return failedOutcome(before, due, `The Secret was marked, but nothing was refreshed; ${NOT_CALLED}`);
  }
  if (!hasExpectedHash(after, policy)) return failedOutcome(before, due, OTHER_SETTINGS);
  const ours = warnings.filter(isOurs);
  const [warning] = ours;
  const missing = missingOf(after);
  if (missing.length > 0) return failedOutcome(before, due, withoutCredentials(missing, ours));
  const nothingNew = ours.find((each) => isNothingNew(before, after, each, policy.now));
  if (nothingNew !== undefined) {
    return failedOutcome(
      before,
      due,
      `The credentials were not renewed: ${nothingNew}; the webhook's log has the cause`,
    );
  }
  const expiry = readExpiry(after, policy.now);
  if (expiry.kind === 'at' && expiry.time - policy.now > policy.threshold) {
    return { ...identity(before), result: 'refreshed', due, warning };
  }
  const writtenAt = readTime(annotation(after, 'updatedAt') ?? '');
  if (writtenAt !== undefined && Math.abs(writtenAt - policy.now) > CLOCK_DIFFERENCE) {
    return failedOutcome(before, due, clocksDisagree(writtenAt, policy.now));
  }
  if (expiry.kind === 'at') {
    return failedOutcome(
      before,
      due,
      'The webhook answered, but the credentials still expire within the threshold; ' +
        'see its log for why it has no token with more life, and compare REFRESH_THRESHOLD of both programs',
    );
  }
  return failedOutcome(
    before,
    due,
    `The Secret was marked and updated_at is new, but expires_at is ${expiry.kind}; find out who else writes its annotations`,
  );
}

/** Whether the webhook filled a Secret between two answers about it: it writes another `updated_at` each time. */
export function isFilledAgain(before: ObjectMeta, after: ObjectMeta): boolean {
  const updatedAt = annotation(after, 'updatedAt');
  return updatedAt !== undefined && updatedAt !== annotation(before, 'updatedAt');
}

function isOurs(warning: string): boolean {
  return OUR_WARNINGS.some((beginning) => warning.startsWith(beginning));
}

const OUR_WARNINGS = [WARNINGS.noToken, WARNINGS.cannotRenew, WARNINGS.shortLived];

/** The names are few: the Secret's other credentials were refreshed. There may be warnings about these as well. */
function withoutCredentials(names: readonly string[], warnings: readonly string[]): string {
  const warning = warnings.find((each) => each.startsWith(WARNINGS.noToken));
  const why = warning === undefined ? '' : `: ${warning}`;
  return `The Secret lacks credentials for ${names.join(', ')}${why}; the webhook's log has the cause`;
}

/**
 * Whether a Secret holds what it held before: the old credentials, or the same token again because there is no newer one. Of
 * several credentials, one is enough.
 */
function isNothingNew(before: ObjectMeta, after: ObjectMeta, warning: string, now: number): boolean {
  const [old, stored] = [readExpiry(before, now), readExpiry(after, now)];
  if (old.kind !== 'at' || stored.kind !== 'at') return false;
  if (warning.includes(WARNINGS.oldStay)) return hasSameEnd(before, after) ?? stored.time <= old.time;
  return (
    warning.startsWith(WARNINGS.cannotRenew) &&
    stored.time === old.time &&
    annotation(before, 'configHash') === annotation(after, 'configHash')
  );
}

/**
 * Whether one of several credentials ends when it ended before. The first end does not say it: it may be that of another one.
 *
 * @returns undefined if this is not known of each
 */
function hasSameEnd(before: ObjectMeta, after: ObjectMeta): boolean | undefined {
  const [old, stored] = [readEnds(before), readEnds(after)];
  if (old === undefined || stored === undefined || missingOf(before).length > 0) return undefined;
  return [...stored].some(([name, end]) => end === old.get(name));
}

function clocksDisagree(writtenAt: number, now: number): string {
  return (
    `The webhook refreshed the Secret at ${new Date(writtenAt).toISOString()} by AWS's clock, but by the API server's ` +
    `clock it is ${new Date(now).toISOString()}; correct the clock that is wrong, for example with NTP`
  );
}

/** The outcome of a managed Secret in a namespace that is not enabled. It is `ignored` only if it was never filled. */
export function judgeUnserved(metadata: ObjectMeta, policy: DuePolicy): Outcome {
  // Nobody can refresh it: neither force nor changed settings make it due, only the end of its credentials.
  const due = dueReason(metadata, { now: policy.now, threshold: policy.threshold });
  if (!wasFilled(metadata)) return { ...identity(metadata), result: 'ignored' };
  if (due === undefined) return { ...identity(metadata), result: 'fresh', needsCorrection: 'namespace' };
  const message =
    `Its namespace has lost the label ${LABELS.namespace}=enabled, so nobody refreshes it; put the label back, ` +
    `or take ${LABELS.managed} off the Secret`;
  return { ...failedOutcome(metadata, due, message), needsCorrection: 'namespace' };
}

/** The outcome of a refresh that failed, with the reason of whoever refused it. */
export function failedOutcome(
  metadata: ObjectMeta,
  due: DueReason | undefined,
  message: string,
): FailedOutcome {
  return { ...identity(metadata), result: 'failed', due, message };
}

/**
 * The outcome of a Secret that the webhook refuses because of the Secret itself. If the webhook once filled it, this is a
 * failure: its credentials will end. If it was never filled, nothing is lost: its writer has to correct it.
 */
export function judgeOwnFault(
  metadata: ObjectMeta,
  due: DueReason | undefined,
  message: string,
): FailedOutcome {
  if (wasFilled(metadata)) return { ...failedOutcome(metadata, due, message), needsCorrection: 'secret' };
  return { ...identity(metadata), result: 'unfillable', message };
}

/** Any outcome that needs no message. */
export function outcomeOf(
  metadata: ObjectMeta,
  result: 'fresh' | 'gone' | 'ignored' | 'skipped' | 'planned',
  due?: DueReason,
): OutcomeWithoutMessage {
  return { ...identity(metadata), result, due };
}

function identity({ namespace, name }: ObjectMeta): Pick<Outcome, 'namespace' | 'name'> {
  return { namespace: namespace ?? '', name: name ?? '' };
}
