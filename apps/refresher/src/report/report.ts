import { DUE_REASONS, type Outcome } from '@ecr-anywhere/secret-scan';
import { formatDuration } from '@ecr-anywhere/settings';
import type { OutputFormat } from '../config/config.ts';
import type { ReportedRun } from '../run/refresh-due-secrets.ts';
import { lastLine } from './last-line.ts';

/** Prints what a run does, for people or for programs. */
export interface Report {
  outcome(outcome: Outcome): void;
  namespaceFailure(namespace: string, message: string): void;
  /** The last line. */
  end(result: ReportedRun): void;
}

/** How a report looks, and where it goes. */
export interface ReportOptions {
  readonly output: OutputFormat;
  readonly dryRun: boolean;
  readonly write: (line: string) => void;
  /** Replaces the progress line on a terminal. An empty text removes it. */
  readonly progress?: ((line: string) => void) | undefined;
  readonly clock: () => number;
}

export function createReport(options: ReportOptions): Report {
  const report =
    options.output === 'json'
      ? jsonReport(options)
      : options.dryRun
        ? planReport(options)
        : textReport(options);
  return options.progress === undefined ? report : withProgress(report, options.progress);
}

function textReport({ write }: ReportOptions): Report {
  return {
    outcome({ result, namespace, name, message, warning }) {
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

/** A table of what a run would do. The widths of the columns are fixed, because each row is printed at once. */
function planReport({ write, clock }: ReportOptions): Report {
  const row = (secret: string, left: string, why: string) =>
    `${secret.padEnd(48)}  ${left.padEnd(10)}  ${why}`;
  let due = 0;
  return {
    outcome({ namespace, name, due: reason, result, message, expiresAt }) {
      if (reason === undefined || result === 'fresh') return;
      if (due++ === 0) write(row('SECRET', 'LIFE LEFT', 'WHY'));
      const why = result === 'failed' ? message : DUE_REASONS[reason];
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
  // In whole minutes; less than a minute in whole seconds.
  const grain = expiresAt - now < 60_000 ? 1_000 : 60_000;
  return formatDuration(Math.floor((expiresAt - now) / grain) * grain);
}

function withProgress(report: Report, progress: (line: string) => void): Report {
  let checked = 0;
  let refreshed = 0;
  return {
    outcome(outcome) {
      checked += 1;
      if (outcome.result === 'refreshed') refreshed += 1;
      const hasLine = outcome.result === 'failed' || outcome.result === 'unfillable' || outcome.warning;
      if (hasLine) progress('');
      report.outcome(outcome);
      progress(`${checked} checked, ${refreshed} refreshed`);
    },
    namespaceFailure(namespace, message) {
      progress('');
      report.namespaceFailure(namespace, message);
    },
    end(result) {
      progress('');
      report.end(result);
    },
  };
}
