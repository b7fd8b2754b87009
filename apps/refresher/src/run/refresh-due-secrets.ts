import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import type { WebhookCall } from '@ecr-anywhere/run-report';
import {
  addNamespaceFailure,
  addOutcome,
  dueReason,
  EMPTY_SUMMARY,
  failedOutcome,
  judgeOwnFault,
  judgeRefresh,
  judgeUnserved,
  readExpiry,
  outcomeOf,
  type DuePolicy,
  type DueReason,
  type Outcome,
  type Summary,
} from '@ecr-anywhere/secret-scan';
import type { ManagedSecrets } from '../kubernetes/managed-secrets.ts';
import type { Namespaces } from '../kubernetes/namespaces.ts';
import { EarlyEnd } from './early-end.ts';
import { secretsToCheck, type SecretsToCheckOptions, type SecretToCheck } from './secrets-to-check.ts';
import { callOfAnswer, callOfError } from './webhook-call.ts';
import { TrialCandidates, tryWebhook, type WebhookTrial } from './webhook-trial.ts';

/** What a run has to do. */
export interface RunOptions extends SecretsToCheckOptions {
  readonly cluster: Namespaces & ManagedSecrets;
  readonly concurrency: number;
  readonly dryRun: boolean;
  readonly policy: Omit<DuePolicy, 'now'>;
  /** The API server's time. */
  readonly clock: () => number;
  /** Ends the run early: it begins nothing more, and waits for what it has begun. */
  readonly signal: AbortSignal;
  /** Called for each managed Secret as soon as its outcome is known. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Called for each answer that shows how the API server's call of the webhook ended. */
  readonly onWebhookCall: (call: WebhookCall) => void;
}

/** How a run ended. */
export interface RunResult {
  readonly summary: Summary;
  /** Why the run ended early, and which request was not answered. */
  readonly stopped?: string | undefined;
  /** Whether a list of Secrets is incomplete because of an error. Not set if only the signal ended it. */
  readonly listBrokeOff?: boolean | undefined;
  /** The result of the trial. There is none if a refresh has shown already whether the webhook works. */
  readonly trial?: WebhookTrial | undefined;
  /** Whether some Secrets may be counted twice: the list had to start again, and there were too many to remember. */
  readonly hasRepeats: boolean;
}

/** How a run ended, and why its report could not be written, if it could not. */
export interface ReportedRun extends RunResult {
  readonly reportFailure?: string | undefined;
}

/**
 * Checks every managed Secret, and has those that are due refreshed. It requests the next page only when it has room for
 * more, so memory does not grow with the number of Secrets.
 *
 * @throws {@link KubernetesError} if the Secrets cannot be listed, and nothing was done yet
 */
export async function refreshDueSecrets(options: RunOptions): Promise<RunResult> {
  const { cluster, concurrency, policy, dryRun, clock, signal } = options;
  const running = new Set<Promise<void>>();
  const candidates = new TrialCandidates();
  const earlyEnd = new EarlyEnd(signal);
  let summary = EMPTY_SUMMARY;
  let isWebhookTested = false;
  let hasRepeats = false;

  /** @param stored - the Secret as it is now */
  const record = (outcome: Outcome, stored: NamedMetadata) => {
    const expiry = readExpiry(stored, clock());
    const holdsCredentials =
      expiry.kind === 'at' && outcome.result !== 'gone' && outcome.result !== 'ignored';
    const complete = holdsCredentials ? { ...outcome, expiresAt: expiry.time } : outcome;
    summary = addOutcome(summary, complete);
    options.onOutcome(complete);
  };

  const refresh = async (metadata: NamedMetadata, due: DueReason) => {
    try {
      const { metadata: after, warnings } = await cluster.markSecret(metadata, clock());
      earlyEnd.noteMark();
      isWebhookTested = true;
      options.onWebhookCall(callOfAnswer(metadata, after));
      record(judgeRefresh(metadata, after, { ...policy, now: clock() }, warnings), after);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      earlyEnd.noteMarkFailure(error);
      const call = callOfError(error);
      if (call) options.onWebhookCall(call);
      if (error.failure !== 'secret-at-fault' && error.failure !== 'not-found') isWebhookTested = true;
      record(outcomeOfError(error, metadata, due), metadata);
    }
  };

  const check = async ({ metadata, isEnabled }: SecretToCheck) => {
    const policyNow = { ...policy, now: clock() };
    const due = dueReason(metadata, policyNow);
    if (metadata.deletionTimestamp) return record(outcomeOf(metadata, 'gone'), metadata);
    if (due === undefined) candidates.offer(metadata, isEnabled);
    if (!isEnabled) return record(judgeUnserved(metadata, policyNow), metadata);
    if (due === undefined) return record(outcomeOf(metadata, 'fresh'), metadata);
    if (dryRun) return record(outcomeOf(metadata, 'planned', due), metadata);
    if (earlyEnd.hasCome) return record(outcomeOf(metadata, 'skipped', due), metadata);
    const work: Promise<void> = refresh(metadata, due).finally(() => running.delete(work));
    running.add(work);
    if (running.size >= concurrency) await Promise.race(running);
  };

  const onNamespaceFailure = (namespace: string, message: string) => {
    summary = addNamespaceFailure(summary, namespace, message);
    options.onNamespaceFailure(namespace, message);
  };

  try {
    const secrets = secretsToCheck({ ...options, onNamespaceFailure }, earlyEnd, () => (hasRepeats = true));
    for await (const secret of secrets) {
      await check(secret);
      if (earlyEnd.hasCome) break;
    }
  } catch (error) {
    // If something was done already, the run ends with a summary of it.
    const isBegun = summary !== EMPTY_SUMMARY || running.size > 0 || signal.aborted;
    if (!(error instanceof KubernetesError) || !isBegun) throw error;
    earlyEnd.noteListFailure(error);
  }
  await Promise.all(running);
  const trial =
    isWebhookTested || earlyEnd.hasCome || dryRun
      ? undefined
      : await tryWebhook(cluster, candidates, policy, clock, options.onWebhookCall).catch((error) => {
          if (!(error instanceof KubernetesError)) throw error;
          earlyEnd.noteUnanswered(error);
          return undefined;
        });
  return {
    summary,
    stopped: earlyEnd.reason,
    listBrokeOff: earlyEnd.listBrokeOff || undefined,
    trial,
    hasRepeats,
  };
}

/** The outcome of a mark that was refused, or not answered. */
function outcomeOfError(
  { failure, message }: KubernetesError,
  metadata: NamedMetadata,
  due: DueReason,
): Outcome {
  switch (failure) {
    case 'not-found':
      return outcomeOf(metadata, 'gone');
    case 'secret-at-fault':
      return judgeOwnFault(metadata, due, message);
    default:
      return failedOutcome(metadata, due, message);
  }
}
