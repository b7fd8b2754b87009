import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AdmissionResult } from './admission-result.ts';
import { callerMetrics, type CallerMetrics } from './caller-metrics.ts';
import { runMetrics, type RunMetrics } from './run-metrics.ts';
import { loadMetrics, type LoadMetrics } from './load-metrics.ts';
import { tokenMetrics, type AllTokenMetrics } from './token-metrics.ts';

/** What the webhook counts. */
export interface Metrics extends LoadMetrics, CallerMetrics, RunMetrics, AllTokenMetrics {
  readonly registry: Registry;
  /** @param profiles - the names of the Secret's profiles; empty if it has none, or is left untouched */
  admission(result: AdmissionResult, seconds: number, profiles: readonly string[]): void;
  shortLivedCredentials(): void;
  /** @param isInvalid - whether the file of profiles has mistakes, so that the profiles before it stay */
  profilesInvalid(isInvalid: boolean): void;
  /** @param time - milliseconds since 1970 */
  certificateExpiry(time: number): void;
  certificateReload(outcome: 'ok' | 'failed'): void;
}

/** The label of a Secret with several profiles: a label for each combination could be any number. No profile has this name. */
const SEVERAL = '(several)';

/** Makes the metrics of one webhook, in a registry of their own: a process may run several webhooks. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const admissions = new Counter({
    name: 'ecr_anywhere_admissions_total',
    help: 'Admission reviews that were answered, by result and profile: without the label if there is none, (several) if the Secret has several',
    labelNames: ['result', 'profile'],
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
    help: 'When the TLS certificate in use expires; 0 before the first one',
    registers,
  });
  const reloads = new Counter({
    name: 'ecr_anywhere_certificate_reloads_total',
    help: 'TLS certificates found in the files: ok if taken into use, failed if broken or not valid',
    labelNames: ['outcome'],
    registers,
  });
  const profilesInvalid = new Gauge({
    name: 'ecr_anywhere_profiles_file_invalid',
    help: 'Whether the file of profiles has mistakes or cannot be read, so that the profiles before it stay: 1 or 0',
    registers,
  });
  return {
    registry,
    admission(result, seconds, [profile, ...others]) {
      const label = others.length === 0 ? profile : SEVERAL;
      admissions.inc(label === undefined ? { result } : { result, profile: label });
      duration.observe(seconds);
    },
    shortLivedCredentials: () => shortLived.inc(),
    profilesInvalid: (isInvalid) => profilesInvalid.set(isInvalid ? 1 : 0),
    certificateExpiry: (time) => certificateExpiry.set(time / 1000),
    certificateReload: (outcome) => reloads.inc({ outcome }),
    ...tokenMetrics(registry),
    ...loadMetrics(registry),
    ...runMetrics(registry),
    ...callerMetrics(registry),
  };
}
