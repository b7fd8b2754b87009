import type { AwsCall, EcrTokenErrorCode } from '@ecr-anywhere/ecr-token';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AdmissionResult } from './admission-result.ts';
import { loadMetrics, type LoadMetrics } from './load-metrics.ts';

/** What the webhook counts. */
export interface Metrics extends LoadMetrics {
  readonly registry: Registry;
  admission(result: AdmissionResult, seconds: number): void;
  shortLivedCredentials(): void;
  awsCall(call: AwsCall): void;
  tokenRenewal(outcome: 'ok' | EcrTokenErrorCode): void;
  /** Milliseconds since 1970. */
  tokenExpiry(time: number): void;
  certificateExpiry(time: number): void;
  certificateReload(outcome: 'ok' | 'failed'): void;
}

/** Metrics in a registry of their own: nothing is shared with another webhook in the same process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const admissions = new Counter({
    name: 'ecr_anywhere_admissions_total',
    help: 'Admission reviews answered, by what they came to',
    labelNames: ['result'],
    registers,
  });
  const duration = new Histogram({
    name: 'ecr_anywhere_admission_duration_seconds',
    help: 'Time from the last byte of a review to its answer',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const shortLived = new Counter({
    name: 'ecr_anywhere_short_lived_credentials_total',
    help: 'Writes answered while the token lives no longer than threshold and margin',
    registers,
  });
  const awsCalls = new Counter({
    name: 'ecr_anywhere_aws_calls_total',
    help: 'Calls to AWS, retries of one counted as one, by outcome: ok or the code of the error',
    labelNames: ['service', 'operation', 'outcome'],
    registers,
  });
  const awsDuration = new Histogram({
    name: 'ecr_anywhere_aws_call_duration_seconds',
    help: 'Time that calls to AWS took, retries included',
    labelNames: ['service', 'operation'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers,
  });
  const renewals = new Counter({
    name: 'ecr_anywhere_token_renewals_total',
    help: 'Attempts to renew the token, by outcome: ok or the code of the error, which may come before any call to AWS',
    labelNames: ['outcome'],
    registers,
  });
  const tokenExpiry = new Gauge({
    name: 'ecr_anywhere_token_expiry_timestamp_seconds',
    help: 'When the token at hand ends; 0 before the first one',
    registers,
  });
  const certificateExpiry = new Gauge({
    name: 'ecr_anywhere_certificate_expiry_timestamp_seconds',
    help: 'When the TLS certificate that is served ends; 0 before the first one',
    registers,
  });
  const reloads = new Counter({
    name: 'ecr_anywhere_certificate_reloads_total',
    help: 'TLS certificates found in the files: taken into use, or ignored because they are broken or not valid',
    labelNames: ['outcome'],
    registers,
  });
  return {
    registry,
    admission(result, seconds) {
      admissions.inc({ result });
      duration.observe(seconds);
    },
    shortLivedCredentials: () => shortLived.inc(),
    awsCall({ service, operation, outcome, milliseconds }) {
      awsCalls.inc({ service, operation, outcome });
      awsDuration.observe({ service, operation }, milliseconds / 1000);
    },
    tokenRenewal: (outcome) => renewals.inc({ outcome }),
    tokenExpiry: (time) => tokenExpiry.set(time / 1000),
    certificateExpiry: (time) => certificateExpiry.set(time / 1000),
    certificateReload: (outcome) => reloads.inc({ outcome }),
    ...loadMetrics(registry),
  };
}
