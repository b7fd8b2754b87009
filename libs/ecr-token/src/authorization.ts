import {
  ECRClient,
  GetAuthorizationTokenCommand,
  type GetAuthorizationTokenResponse,
} from '@aws-sdk/client-ecr';
import { sdkClientConfig } from './aws/client-config.ts';
import type { AwsClientOptions, Milliseconds } from './aws/client-options.ts';
import { toEcrTokenError, type CallContext } from './aws/classify-error.ts';
import { observed, type CallListener } from './aws/observed-call.ts';
import { EcrToken } from './ecr-token.ts';
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
      return { token: tokenOf(answer, region, clock() + clockOffset), clockOffset };
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

function tokenOf(
  { authorizationData }: GetAuthorizationTokenResponse,
  region: string,
  now: number,
): EcrToken {
  const { authorizationToken, expiresAt, proxyEndpoint } = authorizationData?.[0] ?? {};
  const [username = '', ...rest] = Buffer.from(authorizationToken ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const password = rest.join(':');
  if (username === '' || password === '') throw malformed(region, 'holds no username and password');
  const end = expiresAt?.getTime() ?? Number.NaN;
  if (Number.isNaN(end)) throw malformed(region, 'does not say until when its token is good');
  if (end <= now) throw malformed(region, 'holds a token that has already expired');
  return new EcrToken({
    username,
    password,
    region,
    issuedAt: new Date(now),
    expiresAt: new Date(end),
    proxyEndpoint,
  });
}

function malformed(region: string, what: string): EcrTokenError {
  return new EcrTokenError({
    code: 'bad-response',
    message: `The answer of ECR in ${region} ${what}`,
    remedy: "check this machine's clock, and that nothing between here and AWS rewrites answers",
  });
}
