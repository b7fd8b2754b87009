import {
  MOST_NAMES,
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
  readonly #results: Record<SecretResult, number> = {
    fresh: 0,
    refreshed: 0,
    failed: 0,
    needs_correction: 0,
    unfillable: 0,
  };
  readonly #calls: Record<WebhookCall, number> = { answered: 0, failed: 0, not_called: 0 };
  readonly #refused = new FirstNames();
  readonly #unserved = new FirstNames();

  addOutcome(outcome: Outcome): void {
    const result = resultOf(outcome);
    if (result) this.#results[result] += 1;
    if (isRefused(outcome)) this.#refused.add(outcome);
    if (result === 'needs_correction' && outcome.needsCorrection === 'namespace') this.#unserved.add(outcome);
  }

  addCall(call: WebhookCall): void {
    this.#calls[call] += 1;
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
    if (result === undefined || !sawEverySecret(result)) return { ...report, onlyNeedsCorrection: false };
    const { firstToEnd } = result.summary;
    return {
      ...report,
      onlyNeedsCorrection: this.#onlyNeedsCorrection(result),
      secrets: {
        results: this.#results,
        ...(firstToEnd && { firstToEnd }),
        refused: this.#refused.toReport(),
        unserved: this.#unserved.toReport(),
      },
    };
  }

  #onlyNeedsCorrection({ trial, profilesMistake }: RunResult): boolean {
    const { failed, needs_correction } = this.#results;
    const isElsewhereFine = failed === 0 && trial?.result !== 'failed' && profilesMistake === undefined;
    return needs_correction > 0 && isElsewhereFine;
  }
}

/** The first names of Secrets, and the number of all of them. */
class FirstNames {
  readonly #first: SecretName[] = [];
  #count = 0;

  add({ namespace, name }: SecretName): void {
    this.#count += 1;
    if (this.#first.length < MOST_NAMES) this.#first.push({ namespace, name });
  }

  toReport(): { count: number; first: SecretName[] } {
    return { count: this.#count, first: this.#first };
  }
}

function resultOf({ result, needsCorrection }: Outcome): SecretResult | undefined {
  if (result === 'failed' && needsCorrection !== undefined) return 'needs_correction';
  return SECRET_RESULTS.find((known) => known === result);
}

/** Whether the webhook refuses a Secret because of the Secret itself. */
function isRefused({ result, needsCorrection }: Outcome): boolean {
  return result === 'unfillable' || needsCorrection === 'secret';
}

function sawEverySecret({ stopped, listBrokeOff, summary }: RunResult): boolean {
  return stopped === undefined && !listBrokeOff && summary.namespacesFailed === 0;
}
