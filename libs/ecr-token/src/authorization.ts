import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { sdkClientConfig } from './aws/client-config.ts';
import type { AwsClientOptions, Milliseconds } from './aws/client-options.ts';
import { toEcrTokenError, type CallContext } from './aws/classify-error.ts';
import { observed, type CallListener } from './aws/observed-call.ts';
import { tokenFrom } from './authorization-data.ts';
import { EcrTokenError } from './errors.ts';
import type { CredentialProvider } from './identity/from-plan.ts';
import type { Issued } from './token-cache.ts';

/** What asking ECR takes. */
export interface AuthorizationOptions {
  readonly credentials: CredentialProvider;
  readonly client: AwsClientOptions;
  readonly clock: () => number;
  readonly onCall?: CallListener | undefined;
}

const CLOCK_RESOLUTION: Milliseconds = 10_000;

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
  let clockOffset: Milliseconds = 0;

  return async (signal: AbortSignal): Promise<Issued> => {
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
      systemClockOffset: clockOffset,
    });
    try {
      const region = await regionOf(client);
      const answer = await observed({ ...context, region }, onCall, () =>
        client.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal }),
      );
      clockOffset = offsetOf(client);
      return { token: tokenFrom(answer, region, clock() + clockOffset), clockOffset };
    } finally {
      client.destroy();
    }
  };
}

/** The SDK compares clocks by the `Date` header, which knows whole seconds only: a small difference is none. */
function offsetOf({ config }: ECRClient): Milliseconds {
  return Math.abs(config.systemClockOffset) < CLOCK_RESOLUTION ? 0 : config.systemClockOffset;
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
