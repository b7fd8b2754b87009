import {
  MOST_REFUSED_NAMES,
  SECRET_RESULTS,
  type RunReport,
  type SecretName,
  type SecretResult,
  type WebhookCall,
} from '@ecr-anywhere/run-report';
import type { Outcome } from '@ecr-anywhere/secret-scan';
import type { RunResult } from '../run/refresh-due-secrets.ts';
import type { ExitCode } from './exit-code.ts';

/** Collects what a run finds out, for the metrics of the webhook. Its size does not depend on the number of Secrets. */
export class RunReportDraft {
  readonly #results: Record<SecretResult, number> = { fresh: 0, refreshed: 0, failed: 0, unfillable: 0 };
  readonly #calls: Record<WebhookCall, number> = { answered: 0, failed: 0, not_called: 0 };
  readonly #firstRefused: SecretName[] = [];
  #refused = 0;

  addOutcome({ result }: Outcome): void {
    const counted = SECRET_RESULTS.find((known) => known === result);
    if (counted) this.#results[counted] += 1;
  }

  addCall(call: WebhookCall): void {
    this.#calls[call] += 1;
  }

  addRefused({ namespace, name }: SecretName): void {
    this.#refused += 1;
    if (this.#firstRefused.length < MOST_REFUSED_NAMES) this.#firstRefused.push({ namespace, name });
  }

  /**
   * The report. If the run did not see every Secret, it says nothing about Secrets: what the run before saw is nearer to
   * the truth than half of it.
   *
   * @param result - undefined if the run ended before it could do anything
   * @param now - milliseconds since 1970
   */
  finish(result: RunResult | undefined, exitCode: ExitCode, now: number): RunReport {
    const report = { version: 1, endedAt: now, exitCode, webhookCalls: this.#calls } as const;
    if (result === undefined || !sawEverySecret(result)) return report;
    const { firstToEnd } = result.summary;
    return {
      ...report,
      secrets: {
        results: this.#results,
        ...(firstToEnd && { firstToEnd }),
        refused: { count: this.#refused, first: this.#firstRefused },
      },
    };
  }
}

function sawEverySecret({ stopped, listBrokeOff, summary }: RunResult): boolean {
  return stopped === undefined && !listBrokeOff && summary.namespacesFailed === 0;
}
