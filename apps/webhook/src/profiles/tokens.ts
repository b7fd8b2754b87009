import { ecrTokenProvider, type EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import type { Milliseconds, Target } from '@ecr-anywhere/settings';
import type { Logger } from '../operations/log.ts';
import type { TokenMetrics, TokenUsers } from '../operations/token-metrics.ts';

/** How the tokens of all targets are requested and reused. */
export interface TokenSettings {
  readonly tokenReuse: Milliseconds;
  readonly threshold: Milliseconds;
  readonly margin: Milliseconds;
  readonly awsTimeout: Milliseconds;
}

/** Where a token's events go. */
export interface TokenReports {
  readonly log: Logger;
  readonly metrics: TokenMetrics;
  /** May change: the profiles that share the token. */
  readonly users: TokenUsers;
}

/** The source of tokens for one identity in one region, which logs and counts what happens. */
export function createTokens(
  { client, identity }: Pick<Target, 'client' | 'identity'>,
  { tokenReuse, threshold, margin, awsTimeout }: TokenSettings,
  { log, metrics, users }: TokenReports,
): EcrTokenProvider {
  const whose = () => ({ profile: users.profiles.join() || undefined, region: users.region });
  return ecrTokenProvider({
    client,
    identity,
    cache: { young: tokenReuse, minRemaining: threshold + margin },
    timeout: awsTimeout,
    onEvent: (event) => {
      switch (event.type) {
        case 'call':
          return metrics.awsCall(event);
        case 'renewed':
          metrics.renewal('ok');
          metrics.expiry(event.token.expiresAt.getTime());
          return log.info({ ...whose(), expiresAt: event.token.expiresAt }, 'the ECR token was renewed');
        case 'renewal-failed': {
          const { code, message, remedy, requestId } = event.error;
          metrics.renewal(code);
          return log.error(
            { ...whose(), code, remedy, requestId },
            `the ECR token could not be renewed: ${message}`,
          );
        }
        case 'clock-off':
          return log.warn(
            { offsetMilliseconds: event.offset },
            "this machine's clock differs from AWS's: set it, for example with NTP",
          );
        case 'identity':
          log.info({ ...whose(), identity: event.description }, 'AWS identity');
          return event.warnings.forEach((warning) => log.warn(whose(), warning));
        case 'identity-obtained':
          return log.info(
            { ...whose(), source: event.source, roles: event.roles },
            'an AWS identity was obtained',
          );
      }
    },
  });
}
