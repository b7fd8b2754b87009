import type { NamedMetadata } from '@ecr-anywhere/kubernetes';
import type { WebhookCall } from '@ecr-anywhere/run-report';
import type { DuePolicy, Milliseconds, Outcome } from '@ecr-anywhere/secret-scan';
import type { ManagedSecrets } from '../kubernetes/managed-secrets.ts';
import type { Namespaces } from '../kubernetes/namespaces.ts';
import type { SecretsToCheckOptions } from './secrets-to-check.ts';

/** What a run has to do. */
export interface RunOptions extends SecretsToCheckOptions {
  readonly cluster: Namespaces & ManagedSecrets;
  readonly concurrency: number;
  readonly dryRun: boolean;
  readonly policy: Omit<DuePolicy, 'now'>;
  readonly profiles: RunProfiles;
  /** The pauses between attempts for Secrets that the webhook filled under other settings, or refused because of them. */
  readonly pauses: readonly Milliseconds[];
  /** The API server's time. */
  readonly clock: () => number;
  /** Ends the run early: it begins nothing more, and waits for what it has begun. */
  readonly signal: AbortSignal;
  /** Called for each managed Secret as soon as its outcome is known. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Called for each answer that shows how the API server's call of the webhook ended. */
  readonly onWebhookCall: (call: WebhookCall) => void;
}

/** The profiles of Secrets. The policy expects their hash. */
export interface RunProfiles {
  /** A text that Secrets of the same profiles have in common; undefined if the profiles refuse the Secret. */
  nameOf(this: void, metadata: NamedMetadata): string | undefined;
  /** Reads the profiles again, which may have changed since the run began. */
  readAgain(this: void): void;
}
