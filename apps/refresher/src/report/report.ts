import { MOST_REMEMBERED } from '@ecr-anywhere/kubernetes';
import { allFresh, DUE_REASONS, summaryLine, type Outcome } from '@ecr-anywhere/secret-scan';
import { formatDuration } from '@ecr-anywhere/settings';
import type { RunResult } from '../run/refresh-due-secrets.ts';
import type { Trial } from '../run/webhook-trial.ts';

/** Tells people or programs what a run does. */
export interface Report {
  outcome(outcome: Outcome): void;
  namespaceFailure(namespace: string, message: string): void;
  /** The last line. */
  end(result: RunResult): void;
}

/** Where a report goes. */
export interface ReportOptions {
  readonly output: 'text' | 'json';
  readonly dryRun: boolean;
  readonly write: (line: string) => void;
  /** One line on a terminal, written over and over. */
  readonly progress?: ((line: string) => void) | undefined;
  readonly clock: () => number;
}

export function report(options: ReportOptions): Report {
  const shown =
    options.output === 'json'
      ? jsonReport(options)
      : options.dryRun
        ? planReport(options)
        : textReport(options);
  return options.progress === undefined ? shown : withProgress(shown, options.progress);
}

/** What the whole run comes to, in one line. */
export function lastLine({ summary, stopped, trial, hasRepeats }: RunResult): string {
  return [
    stopped === undefined ? summaryLine(summary) : `stopped early (${stopped}): ${summaryLine(summary)}`,
    ...(trial ? trialText(trial) : []),
    ...(hasRepeats ? [REPEATS] : []),
  ].join('; ');
}

const REPEATS = `some Secrets may be counted twice, as the list began anew after more than ${MOST_REMEMBERED}`;

function trialText(trial: Trial): readonly string[] {
  switch (trial.result) {
    case 'passed':
      return [];
    case 'failed':
      return [`a dry run of a refresh failed: ${trial.namespace}/${trial.name}: ${trial.message}`];
    case 'none':
      return ['the webhook was not tried, as no filled Secret could serve for a dry run'];
  }
}

/** Of a run that looked at something; one that could not be made has 2 as well. */
export type ExitCode = 0 | 1 | 2;

/** 2 where not every Secret could be listed; else 1 where the run has not done all that it should. */
export function exitCode({ summary, stopped, trial, listBrokeOff }: RunResult): ExitCode {
  if (listBrokeOff) return 2;
  return stopped === undefined && allFresh(summary) && trial?.result !== 'failed' ? 0 : 1;
}

function textReport({ write }: ReportOptions): Report {
  return {
    outcome({ result, namespace, name, message = '', warning }) {
      if (warning !== undefined) write(`refreshed, with a warning: ${namespace}/${name}: ${warning}`);
      if (result === 'failed') write(`failed: ${namespace}/${name}: ${message}`);
      if (result === 'unfillable') write(`cannot be filled: ${namespace}/${name}: ${message}`);
    },
    namespaceFailure: (namespace, message) => write(`failed: namespace ${namespace}: ${message}`),
    end: (result) => write(lastLine(result)),
  };
}

function jsonReport({ write, clock }: ReportOptions): Report {
  return {
    outcome(outcome) {
      const { result, expiresAt, ...rest } = outcome;
      if (result === 'fresh' || result === 'ignored') return;
      const end = expiresAt !== undefined && {
        expiresAt: isoText(expiresAt),
        lifeLeftSeconds: Math.floor((expiresAt - clock()) / 1_000),
      };
      write(JSON.stringify({ ...rest, result, ...end }));
    },
    namespaceFailure: (namespace, message) => write(JSON.stringify({ namespace, result: 'failed', message })),
    end({ summary, ...rest }) {
      const { firstToEnd } = summary;
      const end = firstToEnd && { firstToEnd: { ...firstToEnd, expiresAt: isoText(firstToEnd.expiresAt) } };
      write(JSON.stringify({ summary: { ...summary, ...end }, ...rest }));
    },
  };
}

/** A table of what a run would do. Columns have a width of their own, as nothing is held back to measure them. */
function planReport({ write, clock }: ReportOptions): Report {
  const row = (secret: string, left: string, why: string) =>
    `${secret.padEnd(48)}  ${left.padEnd(10)}  ${why}`;
  let due = 0;
  return {
    outcome({ namespace, name, due: reason, result, message, expiresAt }) {
      if (reason === undefined || result === 'fresh') return;
      if (due++ === 0) write(row('SECRET', 'LIFE LEFT', 'WHY'));
      const why = result === 'failed' ? (message ?? '') : DUE_REASONS[reason];
      write(row(`${namespace}/${name}`, lifeLeft(expiresAt, clock()), why));
    },
    namespaceFailure: (namespace, message) => write(`failed: namespace ${namespace}: ${message}`),
    end: (result) => write(lastLine(result)),
  };
}

function isoText(time: number): string {
  return new Date(time).toISOString();
}

function lifeLeft(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return '?';
  if (expiresAt <= now) return 'none';
  // To the second below a minute, to the minute above.
  const grain = expiresAt - now < 60_000 ? 1_000 : 60_000;
  return formatDuration(Math.floor((expiresAt - now) / grain) * grain);
}

function withProgress(shown: Report, progress: (line: string) => void): Report {
  let checked = 0;
  let refreshed = 0;
  return {
    outcome(outcome) {
      checked += 1;
      if (outcome.result === 'refreshed') refreshed += 1;
      const hasLine = outcome.result === 'failed' || outcome.result === 'unfillable' || outcome.warning;
      if (hasLine) progress('');
      shown.outcome(outcome);
      progress(`${checked} checked, ${refreshed} refreshed`);
    },
    namespaceFailure(namespace, message) {
      progress('');
      shown.namespaceFailure(namespace, message);
    },
    end(result) {
      progress('');
      shown.end(result);
    },
  };
}
