import { addOutcome, ANNOTATIONS, EMPTY_SUMMARY, failed, settled } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { isSuccess, lastLine, report } from './report.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const due = {
  namespace: 'blue',
  name: 'pull',
  annotations: { [ANNOTATIONS.expiresAt]: new Date(NOW + 5_400_000).toISOString() },
};

function told(
  output: 'text' | 'json',
  dryRun: boolean,
  outcome = settled(due, 'planned', 'expires-soon'),
): string[] {
  const lines: string[] = [];
  const shown = report({ output, dryRun, write: (line) => lines.push(line), clock: () => NOW });
  shown.outcome(outcome, due);
  shown.end({ summary: addOutcome(EMPTY_SUMMARY, outcome) });
  return lines;
}

describe('a report', () => {
  it('of a dry run is a table', () => {
    const [header, row, last] = told('text', true);
    expect(header).toMatch(/^SECRET +LIFE LEFT +WHY$/);
    expect(row).toMatch(/^blue\/pull +1h30m +expires soon$/);
    expect(last).toBe('checked 1, due 1, refreshed 0, failed 0');
  });

  it('of a run has a line for each failure, and the summary', () => {
    expect(told('text', false, failed(due, 'expires-soon', 'why'))).toEqual([
      'failed: blue/pull: why',
      'checked 1, due 1, refreshed 0, failed 1; first failure: blue/pull: why',
    ]);
  });

  it('for programs is JSON, line by line', () => {
    expect(
      told('json', false, failed(due, 'expires-soon', 'why')).map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { namespace: 'blue', name: 'pull', result: 'failed', due: 'expires-soon', message: 'why' },
      {
        summary: {
          checked: 1,
          due: 1,
          refreshed: 0,
          failed: 1,
          skipped: 0,
          firstFailure: { namespace: 'blue', name: 'pull', message: 'why' },
        },
      },
    ]);
  });

  it('on a terminal is one line that is written over, and wiped for what stays', () => {
    const written: string[] = [];
    const shown = report({
      output: 'text',
      dryRun: false,
      write: (line) => written.push(line),
      progress: (line) => written.push(`~${line}`),
      clock: () => NOW,
    });
    shown.outcome(settled(due, 'fresh'), due);
    shown.outcome(failed(due, 'expires-soon', 'why'), due);
    shown.end({ summary: EMPTY_SUMMARY });
    expect(written).toEqual([
      '~1 checked, 0 refreshed',
      '~',
      'failed: blue/pull: why',
      '~2 checked, 0 refreshed',
      '~',
      'checked 0, due 0, refreshed 0, failed 0',
    ]);
  });

  it('says that a run ended early, which is no success', () => {
    const result = { summary: EMPTY_SUMMARY, stopped: 'SIGTERM' };
    expect(lastLine(result)).toBe('stopped early (SIGTERM): checked 0, due 0, refreshed 0, failed 0');
    expect(isSuccess(result)).toBe(false);
    expect(isSuccess({ summary: EMPTY_SUMMARY })).toBe(true);
  });
});
