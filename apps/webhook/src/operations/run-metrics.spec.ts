import { describe, expect, it } from '@jest/globals';
import type { RunReport } from '@ecr-anywhere/run-report';
import { Registry } from 'prom-client';
import { runMetrics } from './run-metrics.ts';

const ENDED_AT = Date.parse('2026-01-02T03:04:05.678Z');
const COMPLETE: RunReport & Required<Pick<RunReport, 'secrets'>> = {
  version: 1,
  endedAt: ENDED_AT,
  exitCode: 0,
  webhookCalls: { answered: 2, failed: 0, not_called: 0 },
  onlyNeedsCorrection: false,
  secrets: {
    results: { fresh: 9, refreshed: 2, failed: 0, needs_correction: 1, unfillable: 1 },
    firstToEnd: { namespace: 'blue', name: 'pull', expiresAt: ENDED_AT + 3_600_000 },
    refused: { count: 1, first: [{ namespace: 'blue', name: 'opaque' }] },
    unserved: { count: 1, first: [{ namespace: 'green', name: 'pull' }] },
  },
};

/** The samples after some reports, without help and type. */
async function samples(...reports: RunReport[]) {
  const registry = new Registry();
  const metrics = runMetrics(registry);
  for (const report of reports) metrics.runReport(report);
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => line.startsWith('ecr_')).map((line) => line.replace('ecr_anywhere_', ''));
}

describe("the metrics of the refresher's report", () => {
  it('claim nothing before the first report', async () => {
    expect(await samples()).toEqual(['refresher_run_timestamp_seconds 0', 'refresher_report_invalid 0']);
  });

  it('show the run, and the Secrets that it saw', async () => {
    expect(await samples(COMPLETE)).toEqual([
      'refresher_run_timestamp_seconds 1767323045.678',
      'refresher_run_success 1',
      'refresher_webhook_calls{outcome="answered"} 2',
      'refresher_webhook_calls{outcome="failed"} 0',
      'refresher_webhook_calls{outcome="not_called"} 0',
      'managed_secrets{result="fresh"} 9',
      'managed_secrets{result="refreshed"} 2',
      'managed_secrets{result="failed"} 0',
      'managed_secrets{result="needs_correction"} 1',
      'managed_secrets{result="unfillable"} 1',
      'first_credentials_expiry_timestamp_seconds{secret_namespace="blue",secret_name="pull"} 1767326645.678',
      'refused_secrets 1',
      'refused_secret_info{secret_namespace="blue",secret_name="opaque"} 1',
      'unserved_secrets 1',
      'unserved_secret_info{secret_namespace="green",secret_name="pull"} 1',
      'refresher_report_invalid 0',
    ]);
  });

  it('forget the Secrets of the run before', async () => {
    const none = { count: 0, first: [] };
    const next = { ...COMPLETE, secrets: { ...COMPLETE.secrets, refused: none, unserved: none } };
    const firstToEnd = { namespace: 'red', name: 'pull', expiresAt: ENDED_AT };
    const text = await samples(COMPLETE, { ...next, secrets: { ...next.secrets, firstToEnd } });
    expect(text.filter((line) => line.includes('secret_name'))).toEqual([
      'first_credentials_expiry_timestamp_seconds{secret_namespace="red",secret_name="pull"} 1767323045.678',
    ]);
    expect(text).toContain('refused_secrets 0');
    expect(text).toContain('unserved_secrets 0');
  });

  it('remember when the last run ended that failed only because of Secrets that somebody has to correct', async () => {
    const text = await samples(
      { ...COMPLETE, exitCode: 1, onlyNeedsCorrection: true },
      { ...COMPLETE, exitCode: 1, endedAt: ENDED_AT + 1_000 },
    );
    expect(text).toContain('refresher_run_only_needs_correction_timestamp_seconds 1767323045.678');
    expect(text).toContain('refresher_run_timestamp_seconds 1767323046.678');
  });

  it('keep the Secrets of the last complete run if a run did not see all of them', async () => {
    const { secrets: _, ...incomplete } = COMPLETE;
    const text = await samples(COMPLETE, { ...incomplete, endedAt: ENDED_AT + 1_000, exitCode: 2 });
    expect(text).toContain('refresher_run_timestamp_seconds 1767323046.678');
    expect(text).toContain('refresher_run_success 0');
    expect(text.filter((line) => /secret/.test(line))).toEqual(
      (await samples(COMPLETE)).filter((line) => /secret/.test(line)),
    );
  });
});
