import { ecrTokenProvider, type EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import type { Config } from '../config.ts';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';

/** The one source of tokens of this process, with its logs and metrics. */
export function createTokens(config: Config, log: Logger, metrics: Metrics): EcrTokenProvider {
  return ecrTokenProvider({
    client: config.aws,
    identity: config.identity,
    cache: { young: config.tokenReuse, minRemaining: config.threshold + config.margin },
    timeout: config.awsTimeout,
    onEvent: (event) => {
      switch (event.type) {
        case 'call':
          return metrics.awsCall(event);
        case 'renewed':
          metrics.tokenRenewal('ok');
          metrics.tokenExpiry(event.token.expiresAt.getTime());
          return log.info({ expiresAt: event.token.expiresAt }, 'the ECR token was renewed');
        case 'renewal-failed': {
          const { code, message, remedy, requestId } = event.error;
          metrics.tokenRenewal(code);
          return log.error({ code, remedy, requestId }, `the ECR token could not be renewed: ${message}`);
        }
        case 'clock-off':
          return log.warn(
            { offsetMilliseconds: event.offset },
            "this machine's clock differs from AWS's: set it, for example with NTP",
          );
        case 'identity':
          log.info({ identity: event.description, region: config.aws.region }, 'AWS identity');
          return event.warnings.forEach((warning) => log.warn(warning));
        case 'identity-obtained':
          return log.info({ source: event.source, roles: event.roles }, 'an AWS identity was obtained');
      }
    },
  });
}
