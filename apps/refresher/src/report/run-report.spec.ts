import { addNamespaceFailure, addOutcome, EMPTY_SUMMARY, type Outcome } from '@ecr-anywhere/secret-scan';
import { readRunReport, writeRunReport } from '@ecr-anywhere/run-report';
import { describe, expect, it } from '@jest/globals';
import type { RunResult } from '../run/refresh-due-secrets.ts';
import { RunReportDraft } from './run-report.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');

function outcome(name: string, result: 'fresh' | 'refreshed' | 'gone' | 'ignored', hours?: number): Outcome {
  return {
    namespace: 'blue',
    name,
    result,
    ...(hours !== undefined && { expiresAt: NOW + hours * 3_600_000 }),
  };
}

/** The result of a run that ended by itself. */
function resultOf(...outcomes: Outcome[]): RunResult {
  return { summary: outcomes.reduce(addOutcome, EMPTY_SUMMARY), hasRepeats: false };
}

describe('the report of a run', () => {
  it('has the number of managed Secrets by their result, and the one whose credentials end first', () => {
    const outcomes = [
      outcome('a', 'fresh', 9),
      outcome('b', 'refreshed', 12),
      outcome('c', 'gone'),
      outcome('d', 'ignored'),
      { namespace: 'blue', name: 'e', result: 'failed', message: 'no', expiresAt: NOW } as const,
      { namespace: 'blue', name: 'f', result: 'unfillable', message: 'no' } as const,
    ];
    const draft = new RunReportDraft();
    for (const each of outcomes) draft.addOutcome(each);
    const report = draft.finish(resultOf(...outcomes), 1, NOW);
    expect(report).toEqual({
      version: 1,
      endedAt: NOW,
      exitCode: 1,
      webhookCalls: { answered: 0, failed: 0, not_called: 0 },
      secrets: {
        results: { fresh: 1, refreshed: 1, failed: 1, unfillable: 1 },
        firstToEnd: { namespace: 'blue', name: 'e', expiresAt: NOW },
        refused: { count: 0, first: [] },
      },
    });
    expect(readRunReport(writeRunReport(report))).toEqual(report);
  });

  it('counts the calls of the webhook', () => {
    const draft = new RunReportDraft();
    for (const call of ['answered', 'failed', 'answered', 'not_called'] as const) draft.addCall(call);
    expect(draft.finish(resultOf(), 0, NOW).webhookCalls).toEqual({ answered: 2, failed: 1, not_called: 1 });
  });

  it('names ten refused Secrets, and counts them all', () => {
    const draft = new RunReportDraft();
    for (let index = 0; index < 10_000; index++) draft.addRefused({ namespace: 'blue', name: `s${index}` });
    const { refused } = draft.finish(resultOf(), 0, NOW).secrets!;
    expect(refused.count).toBe(10_000);
    expect(refused.first.map(({ name }) => name)).toEqual(
      Array.from({ length: 10 }, (_, index) => `s${index}`),
    );
  });

  it.each<[string, RunResult | undefined]>([
    ['could not do anything', undefined],
    ['ended early', { ...resultOf(), stopped: 'SIGTERM' }],
    ['could not list all Secrets', { ...resultOf(), listBrokeOff: true }],
    [
      'could not read a namespace',
      { summary: addNamespaceFailure(EMPTY_SUMMARY, 'red', 'forbidden'), hasRepeats: false },
    ],
  ])('says nothing about Secrets if the run %s, since it did not see all of them', (_, result) => {
    const draft = new RunReportDraft();
    draft.addOutcome(outcome('a', 'fresh', 9));
    expect(draft.finish(result, 2, NOW)).toEqual({
      version: 1,
      endedAt: NOW,
      exitCode: 2,
      webhookCalls: { answered: 0, failed: 0, not_called: 0 },
    });
  });
});
