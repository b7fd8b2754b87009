import { addOutcome, EMPTY_SUMMARY, failedOutcome, outcomeOf, type Outcome } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { exitCode } from './exit-code.ts';
import { lastLine } from './last-line.ts';
import { createReport } from './report.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const due = { namespace: 'blue', name: 'pull' };
const expiresAt = NOW + 5_400_000;

function reportOf(
  output: 'text' | 'json',
  dryRun: boolean,
  outcome: Outcome = { ...outcomeOf(due, 'planned', 'expires-soon'), expiresAt },
): string[] {
  const lines: string[] = [];
  const report = createReport({ output, dryRun, write: (line) => lines.push(line), clock: () => NOW });
  report.outcome(outcome);
  report.end({ summary: addOutcome(EMPTY_SUMMARY, outcome), hasRepeats: false });
  return lines;
}

describe('a report', () => {
  it('of a dry run is a table', () => {
    const [header, row, last] = reportOf('text', true);
    expect(header).toMatch(/^SECRET +LIFE LEFT +WHY$/);
    expect(row).toMatch(/^blue\/pull +1h30m +expires soon$/);
    expect(last).toBe(
      'checked 1, due 1, refreshed 0, failed 0; first to end: blue/pull at 2026-01-02T04:34:05Z',
    );
  });

  it('has a line for each failure, and the summary', () => {
    expect(reportOf('text', false, failedOutcome(due, 'expires-soon', 'why'))).toEqual([
      'failed: blue/pull: why',
      'checked 1, due 1, refreshed 0, failed 1; first failure: blue/pull: why',
    ]);
  });

  it('has a line for each refresh with a warning of the webhook; with --output json the object has it', () => {
    const outcome: Outcome = { ...due, result: 'refreshed', due: 'expires-soon', warning: 'an older token' };
    expect(reportOf('text', false, outcome)).toEqual([
      'refreshed, with a warning: blue/pull: an older token',
      'checked 1, due 1, refreshed 1, failed 0',
    ]);
    expect(JSON.parse(reportOf('json', false, outcome)[0] ?? '')).toMatchObject({
      warning: 'an older token',
    });
  });

  it('has one object per line with --output json, with the end of the credentials', () => {
    const outcome = { ...failedOutcome(due, 'expires-soon', 'why'), expiresAt };
    expect(reportOf('json', false, outcome).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        namespace: 'blue',
        name: 'pull',
        result: 'failed',
        due: 'expires-soon',
        message: 'why',
        expiresAt: '2026-01-02T04:34:05.678Z',
        lifeLeftSeconds: 5_400,
      },
      {
        summary: {
          checked: 1,
          due: 1,
          refreshed: 0,
          failed: 1,
          skipped: 0,
          unfillable: 0,
          namespacesFailed: 0,
          firstFailure: { namespace: 'blue', name: 'pull', message: 'why' },
          firstToEnd: { namespace: 'blue', name: 'pull', expiresAt: '2026-01-02T04:34:05.678Z' },
        },
        hasRepeats: false,
      },
    ]);
  });

  it('names a Secret that the webhook cannot fill', () => {
    const outcome = { ...due, result: 'unfillable' as const, message: 'another type' };
    expect(reportOf('text', false, outcome)).toEqual([
      'cannot be filled: blue/pull: another type',
      'checked 1, due 0, refreshed 0, failed 0, cannot be filled 1; cannot be filled: blue/pull: another type',
    ]);
  });

  it.each(['text', 'json'] as const)('names a namespace that cannot be checked, as %s', (output) => {
    const lines: string[] = [];
    const options = { output, dryRun: false, write: (line: string) => lines.push(line), clock: () => NOW };
    createReport(options).namespaceFailure('blue', 'there is no such namespace');
    expect(lines).toEqual([
      output === 'json'
        ? '{"namespace":"blue","result":"failed","message":"there is no such namespace"}'
        : 'failed: namespace blue: there is no such namespace',
    ]);
  });

  it('shows progress in one line on a terminal, and removes it before other lines', () => {
    const written: string[] = [];
    const report = createReport({
      output: 'text',
      dryRun: false,
      write: (line) => written.push(line),
      progress: (line) => written.push(`~${line}`),
      clock: () => NOW,
    });
    report.outcome(outcomeOf(due, 'fresh'));
    report.outcome(failedOutcome(due, 'expires-soon', 'why'));
    report.end({ summary: EMPTY_SUMMARY, hasRepeats: false });
    expect(written).toEqual([
      '~1 checked, 0 refreshed',
      '~',
      'failed: blue/pull: why',
      '~2 checked, 0 refreshed',
      '~',
      'checked 0, due 0, refreshed 0, failed 0',
    ]);
  });

  it('says that a run ended early; the exit code is 1', () => {
    const result = { summary: EMPTY_SUMMARY, stopped: 'SIGTERM', hasRepeats: false };
    expect(lastLine(result)).toBe('stopped early (SIGTERM): checked 0, due 0, refreshed 0, failed 0');
    expect(exitCode(result)).toBe(1);
    expect(exitCode({ summary: EMPTY_SUMMARY, hasRepeats: false })).toBe(0);
  });

  it('has the exit code 2 if the list broke off, whatever was done before', () => {
    const stopped = { stopped: 'the list broke off: why', listBrokeOff: true, hasRepeats: false };
    for (const outcome of [outcomeOf(due, 'fresh'), failedOutcome(due, 'expired', 'why')])
      expect(exitCode({ ...stopped, summary: addOutcome(EMPTY_SUMMARY, outcome) })).toBe(2);
    expect(exitCode({ ...stopped, summary: EMPTY_SUMMARY })).toBe(2);
  });

  it('ends with the mistake if the profiles are unknown; the exit code is 2, whatever was refreshed', () => {
    const outcome: Outcome = { ...due, result: 'refreshed', due: 'expires-soon' };
    const summary = addOutcome(EMPTY_SUMMARY, outcome);
    const result = { summary, hasRepeats: false, profilesMistake: 'PROFILES_FILE: profile team-a: why' };
    expect(lastLine(result)).toBe(
      'checked 1, due 1, refreshed 1, failed 0; the profiles are unknown, so no Secret was refreshed only because its settings had changed: PROFILES_FILE: profile team-a: why',
    );
    expect(exitCode(result)).toBe(2);
  });

  it('says why a dry run of a refresh failed; the exit code is 1', () => {
    const result = { summary: EMPTY_SUMMARY, hasRepeats: false };
    const failing = { ...result, trial: { result: 'failed' as const, ...due, message: 'not called' } };
    expect(lastLine(failing)).toMatch(/; a dry run of a refresh failed: blue\/pull: not called$/);
    expect(exitCode(failing)).toBe(1);
    const untried = { ...result, trial: { result: 'none' as const } };
    expect(lastLine(untried)).toMatch(/; the webhook was not tested, because no Secret is suitable/);
    expect(exitCode(untried)).toBe(0);
    expect(lastLine({ ...result, trial: { result: 'passed' as const, ...due } })).toBe(lastLine(result));
  });

  it('says that Secrets may be counted twice', () => {
    expect(lastLine({ summary: EMPTY_SUMMARY, hasRepeats: true })).toMatch(
      /some Secrets may be counted twice/,
    );
  });
});
