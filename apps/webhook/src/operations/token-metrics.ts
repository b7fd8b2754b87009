import type { AwsCall, EcrTokenErrorCode } from '@ecr-anywhere/ecr-token';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Counts what happens to the tokens of one profile in one region. */
export interface TokenMetrics {
  awsCall(call: AwsCall): void;
  renewal(outcome: 'ok' | EcrTokenErrorCode): void;
  /** @param time - milliseconds since 1970 */
  expiry(time: number): void;
}

/**
 * Makes the metrics of tokens, which are the sum of all profiles. They have no label for the profile yet: the token that
 * ends first stands for all.
 *
 * @returns the metrics of a profile in a region
 */
export function tokenMetrics(registry: Registry): (profile: string, region: string) => TokenMetrics {
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
    help: 'Attempts to renew the token, by outcome: ok or the code of the error, which may occur before any call to AWS',
    labelNames: ['outcome'],
    registers,
  });
  const expiry = new Gauge({
    name: 'ecr_anywhere_token_expiry_timestamp_seconds',
    help: 'When the cached token ends; 0 before the first one',
    registers,
  });
  const ends = new Map<string, number>();
  return (profile, region) => {
    const key = `${profile}/${region}`;
    ends.set(key, 0);
    return {
      awsCall({ service, operation, outcome, milliseconds }) {
        calls.inc({ service, operation, outcome });
        duration.observe({ service, operation }, milliseconds / 1000);
      },
      renewal: (outcome) => renewals.inc({ outcome }),
      expiry(time) {
        ends.set(key, time);
        expiry.set(Math.min(...ends.values()) / 1000);
      },
    };
  };
}
