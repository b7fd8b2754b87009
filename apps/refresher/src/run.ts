import { KubernetesError } from '@ecr-anywhere/kubernetes';
import {
  addNamespaceFailure,
  addOutcome,
  dueReason,
  EMPTY_SUMMARY,
  failedOutcome,
  isEnabledNamespace,
  judgeOwnFault,
  judgeRefresh,
  judgeUnserved,
  readExpiry,
  outcomeOf,
  type DuePolicy,
  type DueReason,
  type ObjectMeta,
  type Outcome,
  type Summary,
} from '@ecr-anywhere/secret-scan';
import { EarlyEnd } from './early-end.ts';
import { EnabledNamespaces } from './enabled-namespaces.ts';
import type { Kubernetes } from './kubernetes.ts';
import { newMark } from './mark.ts';
import { TrialCandidates, tryRefresh, type Trial } from './trial.ts';

/** What a run is to do. */
export interface RunOptions {
  readonly kubernetes: Kubernetes;
  /** Only these; all enabled ones where it is empty. */
  readonly namespaces: readonly string[];
  readonly concurrency: number;
  readonly dryRun: boolean;
  readonly policy: Omit<DuePolicy, 'now'>;
  /** The API server's time. */
  readonly clock: () => number;
  /** Ends the run early: nothing more is begun, what is under way is finished. Its reason is told. */
  readonly signal: AbortSignal;
  /** Told of each managed Secret, as soon as it is settled. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Told of each namespace that was named and cannot be looked at. */
  readonly onNamespaceFailure: (namespace: string, message: string) => void;
}

/** How a run ended. */
export interface RunResult {
  readonly summary: Summary;
  /** Why it ended before its end, and what it was waiting for where that did not come. */
  readonly stopped?: string | undefined;
  /** Whether a list of Secrets could not be read to its end. Not set where the run itself was told to end. */
  readonly listBrokeOff?: boolean | undefined;
  /** How a dry run went. There is none where the webhook refreshed a Secret, or failed to. */
  readonly trial?: Trial | undefined;
  /** Whether some Secrets may have been counted twice: the list began anew, and there were too many to remember. */
  readonly hasRepeats: boolean;
}

/**
 * Looks at every managed Secret and has those that are due refreshed. Pages are fetched only as there is room for them, so
 * that memory does not grow with the number of Secrets.
 *
 * @throws {@link KubernetesError} where the cluster cannot be listed, and nothing was done yet.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { kubernetes, concurrency, policy, dryRun, clock, signal, onOutcome } = options;
  const underWay = new Set<Promise<void>>();
  const candidates = new TrialCandidates();
  let summary = EMPTY_SUMMARY;
  const earlyEnd = new EarlyEnd(signal);
  let isWayKnown = false;
  let hasRepeats = false;

  /** @param stored - what the Secret is now */
  const settle = (outcome: Outcome, stored: ObjectMeta) => {
    const expiry = readExpiry(stored, clock());
    const holds = expiry.kind === 'at' && outcome.result !== 'gone' && outcome.result !== 'ignored';
    const complete = holds ? { ...outcome, expiresAt: expiry.time } : outcome;
    summary = addOutcome(summary, complete);
    onOutcome(complete);
  };
  const refresh = async (metadata: ObjectMeta, due: DueReason) => {
    try {
      const { metadata: after, warnings } = await kubernetes.mark(metadata, newMark(metadata, clock()));
      earlyEnd.answered();
      isWayKnown = true;
      settle(judgeRefresh(metadata, after, { ...policy, now: clock() }, warnings), after);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const { failure, message } = error;
      earlyEnd.markFailed(error);
      if (failure === 'not-found') return settle(outcomeOf(metadata, 'gone'), metadata);
      if (failure === 'secret-at-fault') return settle(judgeOwnFault(metadata, due, message), metadata);
      isWayKnown = true;
      settle(failedOutcome(metadata, due, message), metadata);
    }
  };

  const look = async (metadata: ObjectMeta, isServed: boolean) => {
    const now = { ...policy, now: clock() };
    const due = dueReason(metadata, now);
    if (metadata.deletionTimestamp) return settle(outcomeOf(metadata, 'gone'), metadata);
    if (due === undefined) candidates.offer(metadata, isServed);
    if (!isServed) return settle(judgeUnserved(metadata, now), metadata);
    if (due === undefined) return settle(outcomeOf(metadata, 'fresh'), metadata);
    if (dryRun) return settle(outcomeOf(metadata, 'planned', due), metadata);
    if (earlyEnd.hasCome) return settle(outcomeOf(metadata, 'skipped', due), metadata);
    const work: Promise<void> = refresh(metadata, due).finally(() => underWay.delete(work));
    underWay.add(work);
    if (underWay.size >= concurrency) await Promise.race(underWay);
  };

  /** Its Secrets would otherwise die without a word; those of other namespaces must not die with them. */
  const onUnseen = (namespace: string, why: string) => {
    summary = addNamespaceFailure(summary, namespace, why);
    options.onNamespaceFailure(namespace, why);
  };

  try {
    const all = managedSecrets(options, earlyEnd, onUnseen, () => (hasRepeats = true));
    for await (const { metadata, isServed } of all) {
      await look(metadata, isServed);
      if (earlyEnd.hasCome) break;
    }
  } catch (error) {
    // What was done so far is told all the same.
    const isBegun = summary !== EMPTY_SUMMARY || underWay.size > 0 || signal.aborted;
    if (!(error instanceof KubernetesError) || !isBegun) throw error;
    earlyEnd.listFailed(error);
  }
  await Promise.all(underWay);
  const isTrialNeeded = !isWayKnown && !earlyEnd.hasCome && !dryRun;
  const trial = isTrialNeeded
    ? await tryRefresh(kubernetes, candidates, policy, clock).catch((error) => earlyEnd.trialCutOff(error))
    : undefined;
  return {
    summary,
    stopped: earlyEnd.reason,
    listBrokeOff: earlyEnd.listBrokeOff || undefined,
    trial,
    hasRepeats,
  };
}

/** Every managed Secret that concerns this run, and whether its namespace is enabled. */
async function* managedSecrets(
  { kubernetes, namespaces, signal }: RunOptions,
  earlyEnd: EarlyEnd,
  onUnseen: (namespace: string, why: string) => void,
  onRepeats: () => void,
): AsyncIterable<{ metadata: ObjectMeta; isServed: boolean }> {
  if (signal.aborted) return; // any request may hang, the first one too
  if (namespaces.length === 0) {
    const enabled = await EnabledNamespaces.list(kubernetes, signal);
    if (signal.aborted) return;
    for await (const metadata of kubernetes.managedSecrets(undefined, onRepeats)) {
      yield { metadata, isServed: await enabled.has(metadata.namespace ?? '') };
    }
    return;
  }
  for (const name of namespaces) {
    if (earlyEnd.hasCome) return;
    try {
      const namespace = await kubernetes.namespace(name);
      if (namespace === undefined) {
        onUnseen(name, 'there is no such namespace; correct NAMESPACES');
        continue;
      }
      const isServed = isEnabledNamespace(namespace);
      for await (const metadata of kubernetes.managedSecrets(name, onRepeats)) yield { metadata, isServed };
      earlyEnd.namespaceSeen();
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.failure === 'forbidden') {
        // The right to look at a namespace may stand in a Role inside it, and goes with it.
        onUnseen(name, `${error.message}; ${NO_RIGHTS}`);
        continue;
      }
      // Those after it would wait for ever, as each run has the same order.
      if (namespaces.length === 1 || earlyEnd.hasCome) throw error;
      earlyEnd.namespaceFailed(name, error);
      onUnseen(name, error.message);
    }
  }
}

const NO_RIGHTS = 'if the namespace was deleted, take it out of NAMESPACES (rbac.namespaces)';
