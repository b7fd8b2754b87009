import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AdmissionResult } from './admission-result.ts';
import { callerMetrics, type CallerMetrics } from './caller-metrics.ts';
import { runMetrics, type RunMetrics } from './run-metrics.ts';
import { loadMetrics, type LoadMetrics } from './load-metrics.ts';
import { tokenMetrics, type TokenMetrics } from './token-metrics.ts';

/** What the webhook counts. */
export interface Metrics extends LoadMetrics, CallerMetrics, RunMetrics {
  readonly registry: Registry;
  admission(result: AdmissionResult, seconds: number): void;
  shortLivedCredentials(): void;
  /** @param profile - the name of the profile that the tokens belong to */
  tokens(profile: string, region: string): TokenMetrics;
  /** @param time - milliseconds since 1970 */
  certificateExpiry(time: number): void;
  certificateReload(outcome: 'ok' | 'failed'): void;
}

/** Makes the metrics of one webhook, in a registry of their own: a process may run several webhooks. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const admissions = new Counter({
    name: 'ecr_anywhere_admissions_total',
    help: 'Admission reviews that were answered, by result',
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
    help: 'Writes that were answered with a token that lives no longer than threshold and margin',
    registers,
  });
  const certificateExpiry = new Gauge({
    name: 'ecr_anywhere_certificate_expiry_timestamp_seconds',
    help: 'When the TLS certificate in use ends; 0 before the first one',
    registers,
  });
  const reloads = new Counter({
    name: 'ecr_anywhere_certificate_reloads_total',
    help: 'TLS certificates found in the files: ok if taken into use, failed if broken or not valid',
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
    tokens: tokenMetrics(registry),
    certificateExpiry: (time) => certificateExpiry.set(time / 1000),
    certificateReload: (outcome) => reloads.inc({ outcome }),
    ...loadMetrics(registry),
    ...runMetrics(registry),
    ...callerMetrics(registry),
  };
}
