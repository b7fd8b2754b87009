import type { AwsCall, EcrTokenErrorCode } from '@ecr-anywhere/ecr-token';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The profiles that share a token, as they are now, and its region. */
export interface TokenUsers {
  readonly profiles: readonly string[];
  readonly region: string;
}

/** Counts what happens to one token, for each profile that uses it. */
export interface TokenMetrics {
  /** Counted once, however many profiles share the token. */
  awsCall(call: AwsCall): void;
  renewal(outcome: 'ok' | EcrTokenErrorCode): void;
  /** @param time - milliseconds since 1970; 0 before the first token */
  expiry(time: number): void;
}

/** The metrics of all tokens. */
export interface AllTokenMetrics {
  /** @param users - is read at each event, as it may change */
  tokens(users: TokenUsers): TokenMetrics;
  /** Takes the series of a profile in a region away, which is no longer served. */
  removeTokens(profile: string, region: string): void;
}

/** Makes the metrics of tokens. */
export function tokenMetrics(registry: Registry): AllTokenMetrics {
  const registers = [registry];
  const calls = new Counter({
    name: 'ecr_anywhere_aws_calls_total',
    help: 'Calls to AWS, each with its retries, by outcome: ok or the code of the error',
    labelNames: ['service', 'operation', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'ecr_anywhere_aws_call_duration_seconds',
    help: 'Duration of calls to AWS, retries included',
    labelNames: ['service', 'operation'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers,
  });
  const renewals = new Counter({
    name: 'ecr_anywhere_token_renewals_total',
    help: 'Attempts to renew the token of a profile in a region, by outcome: ok or the code of the error, which may occur before any call to AWS. One attempt counts for each profile that shares the token',
    labelNames: ['outcome', 'profile', 'region'],
    registers,
  });
  const expiry = new Gauge({
    name: 'ecr_anywhere_token_expiry_timestamp_seconds',
    help: 'When the cached token of a profile in a region expires; 0 before the first one',
    labelNames: ['profile', 'region'],
    registers,
  });
  const outcomes = new Set<string>();
  return {
    tokens(users) {
      const forEach = (count: (labels: { profile: string; region: string }) => void) => {
        for (const profile of users.profiles) count({ profile, region: users.region });
      };
      return {
        awsCall({ service, operation, outcome, milliseconds }) {
          calls.inc({ service, operation, outcome });
          duration.observe({ service, operation }, milliseconds / 1000);
        },
        renewal(outcome) {
          outcomes.add(outcome);
          forEach((labels) => renewals.inc({ outcome, ...labels }));
        },
        expiry: (time) => forEach((labels) => expiry.set(labels, time / 1000)),
      };
    },
    removeTokens(profile, region) {
      for (const outcome of outcomes) renewals.remove({ outcome, profile, region });
      expiry.remove({ profile, region });
    },
  };
}
