import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import type { WebhookCall } from '@ecr-anywhere/run-report';
import { judgeRefresh, wasFilled, type DuePolicy } from '@ecr-anywhere/secret-scan';
import type { ManagedSecrets } from '../kubernetes/managed-secrets.ts';
import { callOfAnswer, callOfError } from './webhook-call.ts';

/** The result of a dry run of a refresh. */
export type WebhookTrial =
  | { readonly result: 'passed'; readonly namespace: string; readonly name: string }
  | { readonly result: 'failed'; readonly namespace: string; readonly name: string; readonly message: string }
  /** No Secret was suitable for the trial. */
  | { readonly result: 'none' };

/** More than one: a candidate may be deleted by then, or the webhook may refuse it because of its type. */
const MOST_CANDIDATES = 3;

interface Candidate {
  readonly metadata: NamedMetadata;
  readonly isEnabled: boolean;
}

/** Collects Secrets for a trial: Secrets that the webhook has filled before. */
export class TrialCandidates {
  readonly #enabled: Candidate[] = [];
  readonly #others: Candidate[] = [];

  /** @param isEnabled - whether the namespace of the Secret is enabled */
  offer(metadata: NamedMetadata, isEnabled: boolean): void {
    const candidates = isEnabled ? this.#enabled : this.#others;
    if (wasFilled(metadata) && candidates.length < MOST_CANDIDATES) candidates.push({ metadata, isEnabled });
  }

  /** Those of enabled namespaces. If there are none, the others. */
  get best(): readonly Candidate[] {
    return this.#enabled.length > 0 ? this.#enabled : this.#others;
  }
}

/**
 * Tests the webhook with a server-side dry run of a refresh. So a run fails hours before a Secret is due if the webhook is
 * down, has wrong settings, or is no longer called.
 *
 * @param onCall - called for each Secret of an enabled namespace, if the answer shows how the call of the webhook ended
 * @throws {@link KubernetesError} `cut-off` if the program has to end before the answer
 */
export async function tryWebhook(
  secrets: Pick<ManagedSecrets, 'markSecret'>,
  candidates: TrialCandidates,
  policy: Omit<DuePolicy, 'now'>,
  clock: () => number,
  onCall: (call: WebhookCall) => void,
): Promise<WebhookTrial> {
  for (const { metadata, isEnabled } of candidates.best) {
    const { namespace, name } = metadata;
    const secret = { namespace, name };
    try {
      const { metadata: after } = await secrets.markSecret(metadata, clock(), { dryRun: true });
      if (isEnabled) onCall(callOfAnswer(metadata, after));
      // Without the warnings: nothing is due, so an older token is good enough.
      const outcome = judgeRefresh(metadata, after, { ...policy, now: clock() });
      if (outcome.result === 'refreshed') return { result: 'passed', ...secret };
      // In a namespace that is not enabled, the API server does not have to call the webhook.
      if (isEnabled && outcome.result === 'failed')
        return { result: 'failed', ...secret, message: outcome.message };
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const { failure, message } = error;
      if (failure === 'cut-off') throw error;
      const failedCall = isEnabled ? callOfError(error) : undefined;
      if (failedCall) onCall(failedCall);
      if (isEnabled && failure !== 'not-found' && failure !== 'secret-at-fault')
        return { result: 'failed', ...secret, message };
    }
  }
  return { result: 'none' };
}
