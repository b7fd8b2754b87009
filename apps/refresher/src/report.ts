import {
  allFresh,
  DUE_REASONS,
  readExpiry,
  summaryLine,
  type ObjectMeta,
  type Outcome,
} from '@ecr-anywhere/secret-scan';
import { formatDuration } from '@ecr-anywhere/settings';
import type { RunResult } from './run.ts';

/** Tells people or programs what a run does. */
export interface Report {
  outcome(outcome: Outcome, metadata: ObjectMeta): void;
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
export function lastLine({ summary, stopped }: RunResult): string {
  return stopped === undefined ? summaryLine(summary) : `stopped early (${stopped}): ${summaryLine(summary)}`;
}

/** Whether the run has done all that it should. */
export function isSuccess({ summary, stopped }: RunResult): boolean {
  return stopped === undefined && allFresh(summary);
}

function textReport({ write }: ReportOptions): Report {
  return {
    outcome({ result, namespace, name, message }) {
      if (result === 'failed') write(`failed: ${namespace}/${name}: ${message ?? ''}`);
    },
    end: (result) => write(lastLine(result)),
  };
}

function jsonReport({ write }: ReportOptions): Report {
  return {
    outcome(outcome) {
      if (outcome.result !== 'fresh' && outcome.result !== 'ignored') write(JSON.stringify(outcome));
    },
    end: ({ summary, stopped }) =>
      write(JSON.stringify({ summary, ...(stopped !== undefined && { stopped }) })),
  };
}

/** A table of what a run would do. Columns have a width of their own, as nothing is held back to measure them. */
function planReport({ write, clock }: ReportOptions): Report {
  const row = (secret: string, left: string, why: string) =>
    `${secret.padEnd(48)}  ${left.padEnd(10)}  ${why}`;
  let due = 0;
  return {
    outcome({ namespace, name, due: reason, result, message }, metadata) {
      if (reason === undefined || result === 'fresh') return;
      if (due++ === 0) write(row('SECRET', 'LIFE LEFT', 'WHY'));
      const why = result === 'failed' ? (message ?? '') : DUE_REASONS[reason];
      write(row(`${namespace}/${name}`, lifeLeft(metadata, clock()), why));
    },
    end: (result) => write(lastLine(result)),
  };
}

function lifeLeft(metadata: ObjectMeta, now: number): string {
  const expiry = readExpiry(metadata, now);
  if (expiry.kind !== 'at') return '?';
  if (expiry.time <= now) return 'none';
  // To the second below a minute, to the minute above.
  const grain = expiry.time - now < 60_000 ? 1_000 : 60_000;
  return formatDuration(Math.floor((expiry.time - now) / grain) * grain);
}

function withProgress(shown: Report, progress: (line: string) => void): Report {
  let checked = 0;
  let refreshed = 0;
  return {
    outcome(outcome, metadata) {
      checked += 1;
      if (outcome.result === 'refreshed') refreshed += 1;
      if (outcome.result === 'failed') progress('');
      shown.outcome(outcome, metadata);
      progress(`${checked} checked, ${refreshed} refreshed`);
    },
    end(result) {
      progress('');
      shown.end(result);
    },
  };
}
