import { SECRET_RESULTS, WEBHOOK_CALLS, type RunReport, type SecretName } from '@ecr-anywhere/run-report';
import { Gauge, type Registry } from 'prom-client';

/** Shows the refresher's last report. */
export interface RunMetrics {
  /** If the report says nothing about Secrets, the metrics of Secrets stay as they are. */
  runReport(report: RunReport): void;
  /** @param isInvalid - whether the file contains something that is no report */
  runReportInvalid(isInvalid: boolean): void;
}

/** The metrics of a report. Each replica shows its own copy, so an alert takes the replica with the latest run. */
export function runMetrics(registry: Registry): RunMetrics {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `ecr_anywhere_${name}`, help, labelNames, registers: [registry] });
  /** Two metrics: the number of some Secrets, and their first names. */
  const namedSecrets = (metric: { readonly count: string; readonly info: string }, help: string) => {
    const number = gauge(metric.count, help);
    number.remove();
    const info = gauge(metric.info, 'One series for each of them, ten at most; always 1', [
      'secret_namespace',
      'secret_name',
    ]);
    return ({ count, first }: { readonly count: number; readonly first: readonly SecretName[] }) => {
      number.set(count);
      info.reset();
      for (const { namespace, name } of first)
        info.set({ secret_namespace: namespace, secret_name: name }, 1);
    };
  };
  const endedAt = gauge(
    'refresher_run_timestamp_seconds',
    'When the last run of the refresher ended that left a report; 0 before the first report',
  );
  // The following have labels, or none of their series before the first report: 0 would look like a failure.
  const success = gauge(
    'refresher_run_success',
    'Whether that run succeeded: 1, or 0 if its exit code was not 0',
  );
  success.remove();
  const onlyNeedsCorrection = gauge(
    'refresher_run_only_needs_correction_timestamp_seconds',
    'When the last run ended that saw every managed Secret, and failed only because of Secrets that somebody has to correct',
  );
  onlyNeedsCorrection.remove();
  const calls = gauge(
    'refresher_webhook_calls',
    'Calls of the webhook by the API server in that run, as far as the refresher saw how they ended',
    ['outcome'],
  );
  const secrets = gauge('managed_secrets', 'Managed Secrets in the last complete run, by result', ['result']);
  const firstToEnd = gauge(
    'first_credentials_expiry_timestamp_seconds',
    'When the first credentials in a managed Secret expire, as the last complete run saw it',
    ['secret_namespace', 'secret_name'],
  );
  const showRefused = namedSecrets(
    { count: 'refused_secrets', info: 'refused_secret_info' },
    'Managed Secrets that the webhook refuses because of the Secret itself, in the last complete run',
  );
  const showUnserved = namedSecrets(
    { count: 'unserved_secrets', info: 'unserved_secret_info' },
    'Managed Secrets that are due, and whose namespace has lost its label, in the last complete run',
  );
  const invalid = gauge(
    'refresher_report_invalid',
    'Whether the content of the file of the report is no report, so that these metrics show the one before: 1 or 0',
  );

  const showSecrets = (seen: NonNullable<RunReport['secrets']>) => {
    for (const result of SECRET_RESULTS) secrets.set({ result }, seen.results[result]);
    firstToEnd.reset();
    if (seen.firstToEnd) {
      const { namespace, name, expiresAt } = seen.firstToEnd;
      firstToEnd.set({ secret_namespace: namespace, secret_name: name }, expiresAt / 1000);
    }
    showRefused(seen.refused);
    showUnserved(seen.unserved);
  };
  return {
    runReport(report) {
      endedAt.set(report.endedAt / 1000);
      success.set(report.exitCode === 0 ? 1 : 0);
      if (report.onlyNeedsCorrection) onlyNeedsCorrection.set(report.endedAt / 1000);
      for (const outcome of WEBHOOK_CALLS) calls.set({ outcome }, report.webhookCalls[outcome]);
      if (report.secrets) showSecrets(report.secrets);
    },
    runReportInvalid: (isInvalid) => invalid.set(isInvalid ? 1 : 0),
  };
}
