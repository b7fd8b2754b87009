import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { sdkClientConfig } from '../connection/client-config.ts';
import type { AwsClientOptions } from '../connection/client-options.ts';
import { callerOf, partyOf, type Service } from '../errors/service.ts';
import { toEcrTokenError } from '../errors/to-ecr-token-error.ts';
import type { Environment } from '../settings/environment.ts';
import type { AwsClock } from '../token/clock.ts';
import type { EcrToken } from '../token/token.ts';
import { tokenFrom } from './token-from.ts';
import { GIVEN_CREDENTIALS } from './given-credentials.ts';
import { hearAnswers } from './hear-answers.ts';
import { observed, type CallListener } from './observed-call.ts';

/** Gives AWS credentials each time it is called: the SDK's own type. */
export type CredentialProvider = AwsCredentialIdentityProvider;

/** ECR, and how its errors are read. */
export const ECR: Service = {
  name: 'ecr',
  party: 'ECR',
  denied: 'ecr-denied',
  explanations: {
    'ecr-denied': (facts, context) => ({
      message: `${partyOf(context)} denies ecr:GetAuthorizationToken to ${callerOf(facts, context)}`,
      remedy:
        'allow ecr:GetAuthorizationToken on Resource "*" (the action takes no narrower one) in a policy of the identity',
    }),
  },
};

/** What asking ECR takes. */
export interface EcrOptions {
  readonly credentials: CredentialProvider;
  readonly client: AwsClientOptions;
  /** Names the files that hold the region, if `client` has none. */
  readonly env: Environment;
  /** Tells the time, and is corrected by ECR's answers. */
  readonly clock: AwsClock;
  readonly onCall?: CallListener | undefined;
}

/**
 * Asks ECR for tokens. It asks for the credentials each time: a client of the SDK keeps static credentials for ever,
 * and a failure to get them must not look like a failure of ECR.
 *
 * @throws the function that it returns throws `EcrTokenError`
 */
export function ecr({ credentials: provider, client: options, env, clock, onCall }: EcrOptions) {
  const operation = 'GetAuthorizationToken';
  return async (signal: AbortSignal): Promise<EcrToken> => {
    const credentials = await provider().catch((error: unknown) => {
      throw toEcrTokenError(error, { service: GIVEN_CREDENTIALS, operation: 'the request for credentials' });
    });
    const client = new ECRClient({
      ...sdkClientConfig(options, env),
      credentials,
      systemClockOffset: clock.offset,
    });
    hearAnswers(client, clock);
    try {
      const region = await client.config.region();
      const answer = await observed({ service: ECR, operation, region }, onCall, () =>
        client.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal }),
      );
      return tokenFrom(answer, region, clock);
    } catch (error) {
      throw toEcrTokenError(error, { service: ECR, operation });
    } finally {
      client.destroy();
    }
  };
}
