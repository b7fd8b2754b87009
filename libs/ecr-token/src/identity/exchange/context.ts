import type { AwsClientOptions } from '../../connection/client-options.ts';
import type { Sts } from '../../services/sts.ts';
import type { Environment } from '../../settings/environment.ts';
import type { Milliseconds } from '../../settings/milliseconds.ts';
import type { SharedConfig } from '../../settings/shared-config.ts';

/** What getting an identity may use. */
export interface IdentityContext {
  readonly env: Environment;
  /** The shared configuration files, as they are now. */
  readonly config: SharedConfig;
  /** How AWS is reached. */
  readonly client: AwsClientOptions;
  readonly sts: Sts;
  /** How long a program or a service may take that gives credentials. */
  readonly limit: Milliseconds;
}
