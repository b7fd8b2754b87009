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

/** The outcome of a Secret that nobody can refresh before somebody corrects it, or the label of its namespace. */
function needingCorrection(name: string, needsCorrection: 'secret' | 'namespace'): Outcome {
  return { namespace: 'blue', name, result: 'failed', message: 'no', needsCorrection };
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
      needingCorrection('g', 'secret'),
      needingCorrection('h', 'namespace'),
      { ...outcome('i', 'fresh', 9), needsCorrection: 'namespace' } as const,
    ];
    const draft = new RunReportDraft();
    for (const each of outcomes) draft.addOutcome(each);
    const report = draft.finish(resultOf(...outcomes), 1, NOW);
    expect(report).toEqual({
      version: 1,
      endedAt: NOW,
      exitCode: 1,
      webhookCalls: { answered: 0, failed: 0, not_called: 0 },
      onlyNeedsCorrection: false,
      secrets: {
        results: { fresh: 2, refreshed: 1, failed: 1, needs_correction: 2, unfillable: 1 },
        firstToEnd: { namespace: 'blue', name: 'e', expiresAt: NOW },
        refused: {
          count: 2,
          first: [
            { namespace: 'blue', name: 'f' },
            { namespace: 'blue', name: 'g' },
          ],
        },
        unserved: { count: 1, first: [{ namespace: 'blue', name: 'h' }] },
      },
    });
    expect(readRunReport(writeRunReport(report))).toEqual(report);
  });

  it('counts the calls of the webhook', () => {
    const draft = new RunReportDraft();
    for (const call of ['answered', 'failed', 'answered', 'not_called'] as const) draft.addCall(call);
    expect(draft.finish(resultOf(), 0, NOW).webhookCalls).toEqual({ answered: 2, failed: 1, not_called: 1 });
  });

  it.each([
    ['refused', 'secret'],
    ['unserved', 'namespace'],
  ] as const)('names ten %s Secrets, and counts them all', (list, needs) => {
    const draft = new RunReportDraft();
    for (let index = 0; index < 10_000; index++) draft.addOutcome(needingCorrection(`s${index}`, needs));
    const { count, first } = draft.finish(resultOf(), 1, NOW).secrets![list];
    expect(count).toBe(10_000);
    expect(first.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, index) => `s${index}`));
  });

  describe('says whether the run failed only because of Secrets that somebody has to correct', () => {
    const failed = { namespace: 'blue', name: 'c', result: 'failed', message: 'no token' } as const;
    const corrections = [needingCorrection('a', 'secret'), needingCorrection('b', 'namespace')];
    const trial = { namespace: 'blue', name: 'd', message: 'no token' };

    it.each<[string, boolean, Outcome[], Partial<RunResult>]>([
      ['true if there is no other failure', true, [outcome('x', 'refreshed', 12), ...corrections], {}],
      ['false if another Secret failed', false, [...corrections, failed], {}],
      ['false if only another Secret failed', false, [failed], {}],
      ['false if nothing failed', false, [outcome('x', 'fresh', 9)], {}],
      ['false if the dry run failed', false, corrections, { trial: { result: 'failed', ...trial } }],
      ['false if the profiles are unknown', false, corrections, { profilesMistake: 'why' }],
      ['false if the run ended early', false, corrections, { stopped: 'SIGTERM' }],
      ['false if a list broke off', false, corrections, { listBrokeOff: true }],
    ])('%s', (_, expected, outcomes, changes) => {
      const draft = new RunReportDraft();
      for (const each of outcomes) draft.addOutcome(each);
      const report = draft.finish({ ...resultOf(...outcomes), ...changes }, 1, NOW);
      expect(report.onlyNeedsCorrection).toBe(expected);
    });
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
      onlyNeedsCorrection: false,
    });
  });
});
