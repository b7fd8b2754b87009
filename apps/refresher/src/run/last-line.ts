import { MOST_REMEMBERED } from '@ecr-anywhere/kubernetes';
import { allFresh, summaryLine } from '@ecr-anywhere/secret-scan';
import type { RunResult } from './refresh-due-secrets.ts';
import type { WebhookTrial } from './webhook-trial.ts';

/** The result of a run in one line. It is the last line of the log, and the termination message. */
export function lastLine({ summary, stopped, trial, hasRepeats }: RunResult): string {
  return [
    stopped === undefined ? summaryLine(summary) : `stopped early (${stopped}): ${summaryLine(summary)}`,
    ...(trial ? trialText(trial) : []),
    ...(hasRepeats ? [REPEATS] : []),
  ].join('; ');
}

const REPEATS = `some Secrets may be counted twice, because the list had to start again after more than ${MOST_REMEMBERED}`;

function trialText(trial: WebhookTrial): readonly string[] {
  switch (trial.result) {
    case 'passed':
      return [];
    case 'failed':
      return [`a dry run of a refresh failed: ${trial.namespace}/${trial.name}: ${trial.message}`];
    case 'none':
      return ['the webhook was not tested, because no Secret is suitable for a dry run of a refresh'];
  }
}

export type ExitCode = 0 | 1 | 2;

/** 2 if not every Secret could be listed; otherwise 1 if the run has not done all that it should. */
export function exitCode({ summary, stopped, trial, listBrokeOff }: RunResult): ExitCode {
  if (listBrokeOff) return 2;
  return stopped === undefined && allFresh(summary) && trial?.result !== 'failed' ? 0 : 1;
}
