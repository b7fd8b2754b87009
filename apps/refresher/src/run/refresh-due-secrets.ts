import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesError } from '@ecr-anywhere/kubernetes';
import { OTHER_SETTINGS, type Summary } from '@ecr-anywhere/secret-scan';
import { EarlyEnd } from './early-end.ts';
import type { RunOptions } from './run-options.ts';
import { SecretRun } from './secret-run.ts';
import { secretsToCheck } from './secrets-to-check.ts';
import { tryWebhook, type WebhookTrial } from './webhook-trial.ts';

export type { RunOptions, RunProfiles } from './run-options.ts';

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
  /** Why the run did not know the profiles. It then refreshed only what needed new credentials under any settings. */
  readonly profilesMistake?: string | undefined;
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
  const { dryRun, signal } = options;
  const earlyEnd = new EarlyEnd(signal);
  const run = new SecretRun(options, earlyEnd);
  let hasRepeats = false;
  const onNamespaceFailure = (namespace: string, message: string) =>
    run.addNamespaceFailure(namespace, message);
  try {
    const secrets = secretsToCheck({ ...options, onNamespaceFailure }, earlyEnd, () => (hasRepeats = true));
    for await (const secret of secrets) {
      await run.check(secret);
      if (earlyEnd.hasCome) break;
    }
  } catch (error) {
    // If something was done already, the run ends with a summary of it.
    if (!(error instanceof KubernetesError) || !(run.isBegun || signal.aborted)) throw error;
    earlyEnd.noteListFailure(error);
  }
  await run.finish();
  await tryLeftSecrets(run, options, earlyEnd);
  const trial =
    run.isWebhookTested || earlyEnd.hasCome || dryRun
      ? undefined
      : await trialOf(run, options, earlyEnd).catch((error) => {
          if (!(error instanceof KubernetesError)) throw error;
          earlyEnd.noteUnanswered(error);
          return undefined;
        });
  return {
    summary: run.summary,
    stopped: earlyEnd.reason,
    listBrokeOff: earlyEnd.listBrokeOff || undefined,
    trial,
    hasRepeats,
  };
}

/**
 * Tries the Secrets again that the webhook filled or refused under other settings, until it has those of this run, or the
 * time is up.
 */
async function tryLeftSecrets(run: SecretRun, options: RunOptions, earlyEnd: EarlyEnd): Promise<void> {
  for (const pause of options.pauses) {
    if (run.left.isEmpty || earlyEnd.hasCome) break;
    await pauseFor(pause, options);
    for (const secret of run.left.take())
      await (earlyEnd.hasCome ? run.giveUp(secret) : run.tryAgain(secret));
    await run.finish();
  }
  run.left.close();
  for (const secret of run.left.take()) await run.giveUp(secret);
  await run.finish();
}

/** Tries the webhook, and again while it has other settings, until the time is up. */
async function trialOf(run: SecretRun, options: RunOptions, earlyEnd: EarlyEnd): Promise<WebhookTrial> {
  const { cluster, policy, clock, onWebhookCall, pauses } = options;
  const tryOnce = () => tryWebhook(cluster, run.candidates, policy, clock, onWebhookCall);
  let trial = await tryOnce();
  for (const pause of pauses) {
    if (trial.result !== 'failed' || trial.message !== OTHER_SETTINGS || earlyEnd.hasCome) break;
    await pauseFor(pause, options);
    if (!earlyEnd.hasCome) trial = await tryOnce();
  }
  return trial;
}

/** Waits, and then reads the profiles again. The end of the run ends the pause. */
async function pauseFor(pause: number, { signal, profiles }: RunOptions): Promise<void> {
  await sleep(pause, undefined, { signal }).catch(() => undefined);
  profiles.readAgain();
}
