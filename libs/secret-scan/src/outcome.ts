import { annotation, LABELS, WARNINGS, wasFilled, type Milliseconds, type ObjectMeta } from './contract.ts';
import { dueReason, hasExpectedHash, readExpiry, readTime, type DuePolicy, type DueReason } from './due.ts';

/**
 * What became of one managed Secret in a run.
 *
 * - `fresh`: not due
 * - `refreshed`: due, and its credentials are new
 * - `failed`: due, and they are not; `message` says why and what to do
 * - `gone`: deleted meanwhile, or being deleted
 * - `unfillable`: never filled, and the webhook refuses the Secret for its own fault, such as its type; `message` says why
 * - `ignored`: not ours to keep fresh: never filled, in a namespace that is not enabled
 * - `skipped`: due, but the run ended before its turn
 * - `planned`: due, and a dry run leaves it at that
 */
export interface Outcome {
  readonly namespace: string;
  readonly name: string;
  readonly result:
    'fresh' | 'refreshed' | 'failed' | 'unfillable' | 'gone' | 'ignored' | 'skipped' | 'planned';
  readonly due?: DueReason | undefined;
  /** Of a failure: what happened and what to do. Of an annotation it holds nothing but a time. */
  readonly message?: string | undefined;
  /** Of a refresh: what the webhook warned of. */
  readonly warning?: string | undefined;
  /** When the credentials end that the Secret holds now, in milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
}

/** Beyond this, the clocks of the webhook and of the API server disagree. */
const CLOCK_DIFFERENCE: Milliseconds = 5 * 60_000;

const NOT_CALLED =
  'the webhook was not called: check that the namespace still has the label ' +
  `${LABELS.namespace}=enabled, and that the MutatingWebhookConfiguration exists with failurePolicy Fail`;

const OTHER_SETTINGS =
  'The webhook runs under other settings, so that the Secret would be due for ever; give both programs the same ' +
  'AWS_REGION, AWS_ROLE_ARN, ECR_TOKEN_ASSUME_ROLE and REGISTRY_HOSTS';

/**
 * Whether a Secret that was marked is really refreshed, judged by what the API server answered and nothing else.
 * `updated_at` proves it by being another than before, whatever time it says. Where the credentials then seem to end at
 * the wrong time, `updated_at` also tells whether a wrong clock is the reason.
 *
 * The webhook writes a new `updated_at` also where it has no newer token and leaves what is there, so that pulls go on. It
 * then warns, and whoever asked for a refresh has not got one.
 *
 * @param warnings - those that came with the answer; of others', nothing is told
 */
export function judgeRefresh(
  before: ObjectMeta,
  after: ObjectMeta,
  policy: DuePolicy,
  warnings: readonly string[] = [],
): Outcome {
  const due = dueReason(before, policy);
  const updatedAt = annotation(after, 'updatedAt');
  if (updatedAt === undefined || updatedAt === annotation(before, 'updatedAt')) {
    return failed(before, due, `The Secret was marked, but nothing was refreshed; ${NOT_CALLED}`);
  }
  if (!hasExpectedHash(after, policy)) return failed(before, due, OTHER_SETTINGS);
  const warning = warnings.find(isOurs);
  if (warning !== undefined && isNothingNew(before, after, warning, policy.now)) {
    return failed(before, due, `Nothing new went in: ${warning}; the webhook's log has the cause`);
  }
  const expiry = readExpiry(after, policy.now);
  if (expiry.kind === 'at' && expiry.time - policy.now > policy.threshold) {
    return { ...identity(before), result: 'refreshed', due, warning };
  }
  const writtenAt = readTime(updatedAt);
  if (writtenAt !== undefined && Math.abs(writtenAt - policy.now) > CLOCK_DIFFERENCE) {
    return failed(before, due, clocksDisagree(writtenAt, policy.now));
  }
  if (expiry.kind === 'at') {
    return failed(
      before,
      due,
      'The webhook answered, but the credentials still end within the threshold; ' +
        'see its log for why it has no token with more life, and compare REFRESH_THRESHOLD of both programs',
    );
  }
  return failed(
    before,
    due,
    `The Secret was marked and updated_at is new, but expires_at is ${expiry.kind}; find out who else writes its annotations`,
  );
}

function isOurs(warning: string): boolean {
  return warning.startsWith(WARNINGS.cannotRenew) || warning.startsWith(WARNINGS.shortLived);
}

/** Whether a Secret holds what it held before: the old credentials, or the same token again, as there is no newer one. */
function isNothingNew(before: ObjectMeta, after: ObjectMeta, warning: string, now: number): boolean {
  const [old, stored] = [readExpiry(before, now), readExpiry(after, now)];
  if (old.kind !== 'at' || stored.kind !== 'at') return false;
  if (warning.includes(WARNINGS.oldStay)) return stored.time <= old.time;
  return (
    warning.startsWith(WARNINGS.cannotRenew) &&
    stored.time === old.time &&
    annotation(before, 'configHash') === annotation(after, 'configHash')
  );
}

function clocksDisagree(writtenAt: number, now: number): string {
  return (
    `The webhook refreshed the Secret at ${new Date(writtenAt).toISOString()} by AWS's clock, but by the API server's ` +
    `clock it is ${new Date(now).toISOString()}; correct the clock that is wrong, for example with NTP`
  );
}

/** A managed Secret in a namespace that is not enabled: silent only where it never held credentials of ours. */
export function judgeUnserved(metadata: ObjectMeta, policy: DuePolicy): Outcome {
  // Nobody can refresh it, so that only its end is of concern: neither force nor other settings.
  const due = dueReason(metadata, { now: policy.now, threshold: policy.threshold });
  if (!wasFilled(metadata)) return { ...identity(metadata), result: 'ignored' };
  if (due === undefined) return { ...identity(metadata), result: 'fresh' };
  return failed(
    metadata,
    due,
    `Its namespace has lost the label ${LABELS.namespace}=enabled, so nobody refreshes it; put the label back, ` +
      `or take ${LABELS.managed} off the Secret`,
  );
}

/** A refresh that could not be had, with the reason that somebody else gave. */
export function failed(metadata: ObjectMeta, due: DueReason | undefined, message: string): Outcome {
  return { ...identity(metadata), result: 'failed', due, message };
}

/**
 * A Secret that the webhook refuses for the Secret's own fault. Where the webhook once filled it, its credentials will
 * end, which is a failure. Where it never did, nothing is lost: whoever wrote the Secret has to correct it.
 */
export function judgeOwnFault(metadata: ObjectMeta, due: DueReason | undefined, message: string): Outcome {
  if (wasFilled(metadata)) return failed(metadata, due, message);
  return { ...identity(metadata), result: 'unfillable', message };
}

/** Any outcome that needs no words. */
export function settled(
  metadata: ObjectMeta,
  result: 'fresh' | 'gone' | 'ignored' | 'skipped' | 'planned',
  due?: DueReason,
): Outcome {
  return { ...identity(metadata), result, due };
}

function identity({ namespace, name }: ObjectMeta): Pick<Outcome, 'namespace' | 'name'> {
  return { namespace: namespace ?? '', name: name ?? '' };
}
