import { MOST_REMEMBERED } from '@ecr-anywhere/kubernetes';
import { summaryLine } from '@ecr-anywhere/secret-scan';
import type { ReportedRun } from '../run/refresh-due-secrets.ts';
import type { WebhookTrial } from '../run/webhook-trial.ts';

/** The result of a run in one line. It is the last line of the log, and the termination message. */
export function lastLine(run: ReportedRun): string {
  const { summary, stopped, trial, hasRepeats, reportFailure, profilesMistake } = run;
  return [
    stopped === undefined ? summaryLine(summary) : `stopped early (${stopped}): ${summaryLine(summary)}`,
    ...(trial ? trialText(trial) : []),
    ...(hasRepeats ? [REPEATS] : []),
    ...(reportFailure === undefined ? [] : [reportFailure]),
    ...(profilesMistake === undefined ? [] : [`${UNKNOWN_PROFILES}: ${profilesMistake}`]),
  ].join('; ');
}

const REPEATS = `some Secrets may be counted twice, because the list had to start again after more than ${MOST_REMEMBERED}`;

const UNKNOWN_PROFILES =
  'the profiles are unknown, so no Secret was refreshed only because its settings had changed';

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
