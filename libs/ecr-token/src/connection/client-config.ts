import type { Environment } from '../settings/environment.ts';
import { profileRegion } from '../settings/profile-region.ts';
import type { AwsClientOptions } from './client-options.ts';
import { RequestHandler } from './request-handler.ts';

/** What the constructors of the SDK's clients take. */
export interface SdkClientConfig {
  region: string | (() => Promise<string>);
  profile?: string;
  endpoint?: string;
  useFipsEndpoint?: boolean;
  useDualstackEndpoint?: boolean;
  maxAttempts?: number;
  requestHandler: RequestHandler;
}

/**
 * The SDK's form of {@link AwsClientOptions}. Settings that are not set are left out, so that the SDK's defaults apply.
 */
export function sdkClientConfig(options: AwsClientOptions, env: Environment): SdkClientConfig {
  const { region, profile, endpoint, useFipsEndpoint, useDualstackEndpoint, maxAttempts } = options;
  return {
    region: region ?? (() => profileRegion(profile, env)),
    ...(profile !== undefined && { profile }),
    ...(endpoint !== undefined && { endpoint }),
    ...(useFipsEndpoint !== undefined && { useFipsEndpoint }),
    ...(useDualstackEndpoint !== undefined && { useDualstackEndpoint }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    requestHandler: new RequestHandler(options),
  };
}
