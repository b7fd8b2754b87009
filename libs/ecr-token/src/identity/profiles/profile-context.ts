import type { AwsClientOptions } from '../../connection/client-options.ts';
import type { Environment } from '../../settings/environment.ts';
import type { Milliseconds } from '../../settings/milliseconds.ts';
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
