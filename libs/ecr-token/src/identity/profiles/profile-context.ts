import type { AwsClientOptions, Environment, Milliseconds } from '../../connection/client-options.ts';
import type { SharedConfig } from '../../settings/shared-config.ts';

/** What it takes to get what a profile promises. */
export interface ProfileContext {
  readonly env: Environment;
  readonly config: SharedConfig;
  /** How AWS is reached. */
  readonly client: AwsClientOptions;
  /** How long a program or a service may take that gives credentials. */
  readonly limit: Milliseconds;
}
