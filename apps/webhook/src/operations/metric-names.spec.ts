import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createMetrics, type Metrics } from './metrics.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const ALERTS = 'charts/ecr-anywhere/files/alerts.yaml';
const DASHBOARD = 'charts/ecr-anywhere/files/dashboard.json';
const MANUAL = 'docs/operations.md';

/** The metrics of kube-state-metrics 2 (docs/metrics/workload) that alerts and the dashboard may use. */
const OF_KUBE_STATE_METRICS = [
  'kube_cronjob_created',
  'kube_cronjob_next_schedule_time',
  'kube_cronjob_spec_suspend',
  'kube_cronjob_status_last_schedule_time',
  'kube_cronjob_status_last_successful_time',
  'kube_deployment_created',
  'kube_deployment_status_replicas_available',
  'kube_job_failed',
  'kube_job_owner',
  'kube_job_status_start_time',
  'kube_mutatingwebhookconfiguration_info',
];

/** Metrics and labels that Prometheus adds. */
const OF_THE_TARGET = ['namespace', 'job', 'pod'];

type Result = Parameters<Metrics['admission']>[0];

/** The values that alerts look for. The compiler checks that they exist. */
const REFUSING: readonly Result[] = ['unavailable', 'denied', 'error'];

/** The reasons for which alerts do not look. */
const EXPECTED: readonly Parameters<Metrics['refusedCaller']>[1][] = ['no_trust_yet', 'earlier_trust'];

async function read(file: string): Promise<string> {
  return readFile(join(ROOT, file), 'utf8');
}

const REPORT: Parameters<Metrics['runReport']>[0] = {
  version: 1,
  endedAt: 0,
  exitCode: 0,
  webhookCalls: { answered: 1, failed: 0, not_called: 0 },
  onlyNeedsCorrection: true,
  secrets: {
    results: { fresh: 1, refreshed: 0, failed: 0, needs_correction: 1, unfillable: 1 },
    firstToEnd: { namespace: 'n', name: 'a', expiresAt: 0 },
    refused: { count: 1, first: [{ namespace: 'n', name: 'b' }] },
    unserved: { count: 1, first: [{ namespace: 'n', name: 'c' }] },
  },
};

/** A scrape after one event of each kind. */
async function scrape(): Promise<string> {
  const metrics = createMetrics();
  metrics.admission('refreshed', 0.001, ['default']);
  const tokens = metrics.tokens({ profiles: ['default'], region: 'eu-west-1' });
  tokens.awsCall({ service: 'ecr', operation: 'GetAuthorizationToken', outcome: 'ok', milliseconds: 60 });
  tokens.renewal('ok');
  tokens.expiry(0);
  metrics.certificateReload('failed');
  metrics.runReport(REPORT);
  metrics.acceptedCaller('path');
  metrics.refusedCaller('path', 'wrong_key');
  metrics.weakerCallerMode('none');
  metrics.callerTrustReload('failed');
  metrics.callerTrustOutdated('path', true);
  return metrics.registry.metrics();
}

function all(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))].sort();
}

describe('the names of metrics', () => {
  it.each([ALERTS, DASHBOARD, MANUAL])('in %s exist in a scrape', async (file) => {
    const known = [...all(await scrape(), /^(?:# TYPE )?([a-z]\w*)/gm), ...OF_KUBE_STATE_METRICS];
    const names = all(await read(file), /\b((?:ecr_anywhere|kube|process|nodejs)_\w+)/g);
    expect(names.filter((name) => name.startsWith('ecr_anywhere_')).length).toBeGreaterThan(4);
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each([ALERTS, DASHBOARD])('have the labels that %s selects by', async (file) => {
    const text = (await read(file)).replaceAll('\\"', '"');
    const metrics = await scrape();
    const asked = [...text.matchAll(/(ecr_anywhere_\w+)\{([^}]*)\}/g)].flatMap(([, metric, matchers = '']) =>
      all(matchers, /(\w+)(?:=~|!~|!=|=)"/g).map((label) => ({ metric, label })),
    );
    const own = asked.filter(({ label }) => !OF_THE_TARGET.includes(label));
    for (const { metric, label } of own)
      expect(metrics).toMatch(new RegExp(`^${metric}\\{(?:.*,)?${label}="`, 'm'));
    expect(asked.length).toBeGreaterThan(4);
  });

  it('have the results that alerts select by', async () => {
    const alerts = await read(ALERTS);
    expect(alerts).toContain(`result=~"${REFUSING.join('|')}"`);
    expect(alerts).toContain(`reason!~"${EXPECTED.join('|')}"`);
    expect(alerts).toContain('outcome!="ok"');
    expect(alerts).toContain(
      'ecr_anywhere_certificate_reloads_total{namespace="<namespace>", job="<service>", outcome="failed"}',
    );
  });

  it('are all in the manual', async () => {
    const manual = await read(MANUAL);
    for (const name of all(await scrape(), /^# TYPE (ecr_anywhere_\w+)/gm))
      expect(manual).toContain(`\`${name}\``);
  });
});
