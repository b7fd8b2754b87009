import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { sdkClientConfig } from '../connection/client-config.ts';
import type { AwsClientOptions } from '../connection/client-options.ts';
import { toEcrTokenError, type CallContext } from '../errors/classify.ts';
import { observed, type CallListener } from './observed-call.ts';
import { tokenFrom } from './authorization-data.ts';
import { hearAnswers } from './hear-answers.ts';
import type { AwsClock } from '../token/clock.ts';
import type { EcrToken } from '../token/token.ts';
import { EcrTokenError } from '../errors/error.ts';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';

/** Gives AWS credentials each time it is called: the SDK's own type. */
export type CredentialProvider = AwsCredentialIdentityProvider;

/** What asking ECR takes. */
export interface AuthorizationOptions {
  readonly credentials: CredentialProvider;
  readonly client: AwsClientOptions;
  /** Tells the time, and learns it from the answers. */
  readonly clock: AwsClock;
  readonly onCall?: CallListener | undefined;
}

/**
 * Asks ECR for tokens. Credentials are resolved anew for each: a client of the SDK's would keep static ones for ever,
 * and a failure to get them must not look like one of ECR's.
 */
export function authorization({
  credentials: provider,
  client: options,
  clock,
  onCall,
}: AuthorizationOptions) {
  return async (signal: AbortSignal): Promise<EcrToken> => {
    const context: CallContext = {
      service: 'ecr',
      operation: 'GetAuthorizationToken',
      region: options.region,
    };
    const credentials = await provider().catch((error: unknown) => {
      throw toEcrTokenError(error, { ...context, service: 'credentials' });
    });
    const client = new ECRClient({
      ...sdkClientConfig(options),
      credentials,
      systemClockOffset: clock.offset,
    });
    hearAnswers(client, clock);
    try {
      const region = await regionOf(client);
      const answer = await observed({ ...context, region }, onCall, () =>
        client.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal }),
      );
      return tokenFrom(answer, region, clock);
    } finally {
      client.destroy();
    }
  };
}

async function regionOf(client: ECRClient): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    throw new EcrTokenError({
      code: 'invalid-settings',
      message: 'No AWS region is set',
      remedy: 'set AWS_REGION to the region in the names of the images',
    });
  }
}
