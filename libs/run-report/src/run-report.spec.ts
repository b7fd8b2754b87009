import { describe, expect, it } from '@jest/globals';
import { MOST_NAMES, readRunReport, writeRunReport, type RunReport } from './run-report.ts';

const REPORT: RunReport = {
  version: 1,
  endedAt: Date.parse('2026-01-02T03:04:05.678Z'),
  exitCode: 1,
  webhookCalls: { answered: 3, failed: 0, not_called: 1 },
  onlyNeedsCorrection: false,
  secrets: {
    results: { fresh: 9, refreshed: 2, failed: 1, needs_correction: 1, unfillable: 1 },
    firstToEnd: { namespace: 'team-a', name: 'pull', expiresAt: Date.parse('2026-01-02T08:00:00.000Z') },
    refused: { count: 1, first: [{ namespace: 'team-b', name: 'of.another-type' }] },
    unserved: { count: 1, first: [{ namespace: 'team-c', name: 'pull' }] },
  },
};

/** The report as JSON, with other fields. */
function changed(fields: object): string {
  return JSON.stringify({ ...(JSON.parse(writeRunReport(REPORT)) as object), ...fields });
}

describe('a report of a run', () => {
  it('is JSON in which a person can read the times', () => {
    expect(JSON.parse(writeRunReport(REPORT))).toMatchObject({
      version: 1,
      endedAt: '2026-01-02T03:04:05.678Z',
      secrets: { firstToEnd: { expiresAt: '2026-01-02T08:00:00.000Z' } },
    });
  });

  it('is read as it was written', () => {
    expect(readRunReport(writeRunReport(REPORT))).toEqual(REPORT);
    const { secrets, ...incomplete } = REPORT;
    expect(readRunReport(writeRunReport({ ...incomplete, exitCode: 2 }))).toEqual({
      ...incomplete,
      exitCode: 2,
    });
    const { firstToEnd: _, ...empty } = secrets!;
    expect(readRunReport(writeRunReport({ ...REPORT, secrets: empty })).secrets).toEqual(empty);
  });

  it('can be read with the longest names that Kubernetes allows', () => {
    const longest = { namespace: 'n'.repeat(63), name: 's'.repeat(253) };
    const text = writeRunReport({
      ...REPORT,
      secrets: {
        ...REPORT.secrets!,
        firstToEnd: { ...longest, expiresAt: REPORT.endedAt },
        refused: { count: 1e9, first: Array.from({ length: MOST_NAMES }, () => longest) },
        unserved: { count: 1e9, first: Array.from({ length: MOST_NAMES }, () => longest) },
      },
    });
    expect(text.length).toBeLessThan(9_000);
    expect(readRunReport(text).secrets?.refused.first).toHaveLength(MOST_NAMES);
  });

  it('may have fields of a later version of the refresher', () => {
    expect(readRunReport(changed({ later: [1, 2, 3] }))).toEqual(REPORT);
  });

  it('may come from an older refresher, which did not know which Secrets need a correction', () => {
    const { results, firstToEnd: _, refused } = REPORT.secrets!;
    const { needs_correction: __, ...known } = results;
    const { onlyNeedsCorrection: ___, ...older } = REPORT;
    expect(
      readRunReport(
        JSON.stringify({
          ...older,
          endedAt: '2026-01-02T03:04:05.678Z',
          secrets: { results: known, refused },
        }),
      ),
    ).toEqual({
      ...REPORT,
      onlyNeedsCorrection: false,
      secrets: { results: { ...known, needs_correction: 0 }, refused, unserved: { count: 0, first: [] } },
    });
  });

  it('may have counts that this version does not know, and may lack others', () => {
    const text = changed({ webhookCalls: { answered: 2, invented: 1 } });
    expect(readRunReport(text).webhookCalls).toEqual({ answered: 2, failed: 0, not_called: 0 });
  });

  it.each([
    ['nothing', '', 'it is not JSON'],
    ['no JSON', '{"version":1,"password":', 'it is not JSON'],
    ['no object', 'null', /^report: Invalid input/],
    ['another version', changed({ version: 2 }), /^version: Invalid input: expected 1/],
    ['a time that is none', changed({ endedAt: 'yesterday' }), /^endedAt: Invalid ISO datetime/],
    [
      'a negative count',
      changed({ webhookCalls: { answered: -1, failed: 0, not_called: 0 } }),
      /^webhookCalls\./,
    ],
    [
      'more names than a report may have',
      changed({
        secrets: {
          ...REPORT.secrets,
          firstToEnd: undefined,
          refused: { count: 11, first: Array.from({ length: 11 }, () => ({ namespace: 'n', name: 's' })) },
        },
      }),
      /^secrets\.refused\.first: Too big/,
    ],
    [
      'a name that no Secret can have',
      changed({
        secrets: {
          ...REPORT.secrets,
          firstToEnd: undefined,
          refused: { count: 1, first: [{ namespace: 'n', name: 'password=hunter2' }] },
        },
      }),
      'secrets.refused.first.0.name: expected a name',
    ],
    [
      'more text than any report',
      changed({ later: 'x'.repeat(20_000) }),
      /^it has more than 16384 characters$/,
    ],
  ])('is refused if it is %s; the error does not quote it', (_, text, message) => {
    expect(() => readRunReport(text)).toThrow(message);
    expect(() => readRunReport(text)).not.toThrow('password');
  });
});
