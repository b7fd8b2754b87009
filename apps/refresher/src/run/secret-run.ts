import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import {
  addNamespaceFailure,
  addOutcome,
  annotation,
  dueReason,
  EMPTY_SUMMARY,
  failedOutcome,
  hasExpectedHash,
  isFilledAgain,
  judgeOwnFault,
  judgeRefresh,
  judgeUnserved,
  OTHER_SETTINGS,
  outcomeOf,
  readExpiry,
  type DuePolicy,
  type DueReason,
  type Outcome,
  type Summary,
} from '@ecr-anywhere/secret-scan';
import { causeOfRefusal, type Milliseconds } from '@ecr-anywhere/settings';
import type { EarlyEnd } from './early-end.ts';
import { LeftSecrets, type LeftSecret } from './left-secrets.ts';
import type { RunOptions } from './run-options.ts';
import type { SecretToCheck } from './secrets-to-check.ts';
import { callOfAnswer, callOfError } from './webhook-call.ts';
import { TrialCandidates } from './webhook-trial.ts';

/** The message about a Secret that the webhook refuses, and would fill if it had the profiles of this run. */
const OTHER_PROFILES =
  'The webhook has other profiles than the refresher, and refuses the Secret; give both programs the same PROFILES_FILE, ' +
  'AWS_REGION, AWS_REGIONS and REGISTRY_HOSTS';

/** The file of profiles is not read again for each of many Secrets that are refused. */
const BETWEEN_READINGS: Milliseconds = 5_000;

/** What a run does with one Secret after the other, and what came of it. */
export class SecretRun {
  readonly candidates = new TrialCandidates();
  readonly left: LeftSecrets;
  readonly #options: RunOptions;
  readonly #earlyEnd: EarlyEnd;
  readonly #running = new Set<Promise<void>>();
  #summary = EMPTY_SUMMARY;
  #isWebhookTested = false;
  #readAgainAt = 0;

  constructor(options: RunOptions, earlyEnd: EarlyEnd) {
    this.#options = options;
    this.#earlyEnd = earlyEnd;
    this.left = new LeftSecrets((metadata) => options.profiles.nameOf(metadata) ?? '');
  }

  get summary(): Summary {
    return this.#summary;
  }

  /** Whether anything was done. */
  get isBegun(): boolean {
    return this.#summary !== EMPTY_SUMMARY || this.#running.size > 0 || !this.left.isEmpty;
  }

  /** Whether a refresh has shown whether the webhook works. */
  get isWebhookTested(): boolean {
    return this.#isWebhookTested;
  }

  addNamespaceFailure(namespace: string, message: string): void {
    this.#summary = addNamespaceFailure(this.#summary, namespace, message);
    this.#options.onNamespaceFailure(namespace, message);
  }

  /** Begins to refresh a Secret if it is due. Waits only if as many as are allowed at a time are refreshed already. */
  async check({ metadata, isEnabled }: SecretToCheck): Promise<void> {
    const policy = this.#policy();
    const due = dueReason(metadata, policy);
    if (metadata.deletionTimestamp) return this.#record(outcomeOf(metadata, 'gone'), metadata);
    if (due === undefined) this.candidates.offer(metadata, isEnabled);
    if (!isEnabled) return this.#record(judgeUnserved(metadata, policy), metadata);
    if (due === undefined) return this.#record(outcomeOf(metadata, 'fresh'), metadata);
    if (this.#options.dryRun) return this.#record(outcomeOf(metadata, 'planned', due), metadata);
    if (this.#earlyEnd.hasCome) return this.#record(outcomeOf(metadata, 'skipped', due), metadata);
    return this.#begin({ metadata, due });
  }

  /** Tries a Secret again that was left. The profiles may have changed meanwhile, so that it is not due any more. */
  async tryAgain(secret: LeftSecret): Promise<void> {
    const { answer } = secret;
    const policy = this.#policy();
    if (answer && hasExpectedHash(answer.metadata, policy)) return this.#judge(secret, answer);
    const metadata = answer?.metadata ?? secret.metadata;
    const due = dueReason(metadata, policy);
    if (due === undefined) return this.#record(outcomeOf(metadata, 'fresh'), metadata);
    if (this.left.has(metadata) && this.left.add(secret)) return;
    return this.#begin({ metadata, due });
  }

  /** Gives a Secret up that was left. Its credentials are still renewed if they would end. */
  async giveUp(secret: LeftSecret): Promise<void> {
    const { metadata, due, answer } = secret;
    if (answer) return this.#judge(secret, answer);
    if (this.#earlyEnd.hasCome) return this.#record(outcomeOf(metadata, 'skipped', due), metadata);
    if (due === 'config-changed') return this.#record(failedOutcome(metadata, due, OTHER_SETTINGS), metadata);
    return this.#begin(secret);
  }

  /** Waits until all refreshes that were begun have ended. */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #begin(secret: LeftSecret): Promise<void> {
    if (this.left.has(secret.metadata) && this.left.add(secret)) return;
    const work: Promise<void> = this.#refresh(secret).finally(() => this.#running.delete(work));
    this.#running.add(work);
    if (this.#running.size >= this.#options.concurrency) await Promise.race(this.#running);
  }

  async #refresh({ metadata, due }: LeftSecret): Promise<void> {
    const { cluster, clock, onWebhookCall } = this.#options;
    try {
      const answer = await cluster.markSecret(metadata, clock());
      this.#earlyEnd.noteMark();
      this.#isWebhookTested = true;
      onWebhookCall(callOfAnswer(metadata, answer.metadata));
      const isOther =
        isFilledAgain(metadata, answer.metadata) && !hasExpectedHash(answer.metadata, this.#policy());
      if (isOther && this.left.add({ metadata, due, answer }, 'profiles')) return;
      this.#judge({ metadata }, answer);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      this.#earlyEnd.noteMarkFailure(error);
      const call = callOfError(error);
      if (call) onWebhookCall(call);
      if (error.failure !== 'secret-at-fault' && error.failure !== 'not-found') this.#isWebhookTested = true;
      const isOther = this.#isRefusedByOtherProfiles(error, metadata);
      if (isOther && this.left.add({ metadata, due }, 'namespace')) return;
      const outcome = isOther
        ? failedOutcome(metadata, due, `${OTHER_PROFILES}: ${error.message}`)
        : outcomeOfError(error, metadata, due);
      this.#record(outcome, metadata);
    }
  }

  /** Whether the webhook would not have refused a Secret with the profiles of this run. */
  #isRefusedByOtherProfiles({ failure, message }: KubernetesError, metadata: NamedMetadata): boolean {
    const cause = failure === 'secret-at-fault' ? causeOfRefusal(message) : undefined;
    if (cause === undefined) return false;
    if (!this.#hasProfiles(metadata)) this.#readAgain();
    if (!this.#hasProfiles(metadata)) return false;
    // Only a Secret that was filled under the settings of this run is known to name hosts that these serve.
    const expected = this.#policy().expectedHash?.(metadata);
    return (
      cause === 'profiles' || (expected !== undefined && annotation(metadata, 'configHash') === expected)
    );
  }

  #hasProfiles(metadata: NamedMetadata): boolean {
    return this.#options.profiles.nameOf(metadata) !== undefined;
  }

  /** The file of this run may be the one that is older. */
  #readAgain(): void {
    const now = this.#options.clock();
    if (now - this.#readAgainAt < BETWEEN_READINGS) return;
    this.#readAgainAt = now;
    this.#options.profiles.readAgain();
  }

  #judge({ metadata }: Pick<LeftSecret, 'metadata'>, answer: NonNullable<LeftSecret['answer']>): void {
    const outcome = judgeRefresh(metadata, answer.metadata, this.#policy(), answer.warnings);
    this.#record(outcome, answer.metadata);
  }

  /** @param stored - the Secret as it is now */
  #record(outcome: Outcome, stored: NamedMetadata): void {
    const expiry = readExpiry(stored, this.#options.clock());
    const holdsCredentials =
      expiry.kind === 'at' && outcome.result !== 'gone' && outcome.result !== 'ignored';
    const complete = holdsCredentials ? { ...outcome, expiresAt: expiry.time } : outcome;
    this.#summary = addOutcome(this.#summary, complete);
    this.#options.onOutcome(complete);
  }

  #policy(): DuePolicy {
    return { ...this.#options.policy, now: this.#options.clock() };
  }
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
