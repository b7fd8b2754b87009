import type { LoggedCall } from './operations/call-log.ts';
import type { Fault, FaultScope } from './faults/faults.ts';
import type { AccessKeys } from './identities/identities.ts';
import type { Milliseconds } from './milliseconds.ts';
import type { Image } from './registry/image.ts';
import type { RegistryRequest } from './registry/registry-log.ts';
import type { Role } from './sts/sts.ts';

/** How to start an emulator. */
export interface AwsEmulatorOptions {
  /** Any free port by default. */
  readonly port?: number;
  /** Loopback by default. */
  readonly host?: string;
  /** To serve everything with TLS too, on a second port. PEM. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly port?: number };
  /** 12 hours by default. */
  readonly tokenLifetime?: Milliseconds;
  /** `111122223333` by default. */
  readonly account?: string;
  /** The region of the registry and of the instance; `us-east-1` by default. Calls for other regions are answered too. */
  readonly region?: string;
  /** Roles by ARN. Anybody may assume a role that is not listed. */
  readonly roles?: Readonly<Record<string, Role>>;
  /** The web identity tokens that STS accepts; by default any JWT that has not expired. */
  readonly webIdentityTokens?: readonly string[];
  /** The image in the registry; a small one by default. */
  readonly image?: Image;
  /** For faults with a probability. */
  readonly seed?: number;
  readonly clock?: () => number;
}

/** A running emulator of AWS. */
export interface AwsEmulator {
  /** For `AWS_ENDPOINT_URL`, and for `AWS_EC2_METADATA_SERVICE_ENDPOINT`. */
  readonly endpoint: string;
  /** The registry, over plain HTTP. */
  readonly registryUrl: string;
  /** Everything over TLS; undefined without `tls`. */
  readonly tlsUrl: string | undefined;
  readonly account: string;
  /** The registry's name, as images refer to it. */
  readonly registryHost: string;
  /** The access keys of a user with all permissions. */
  readonly accessKeys: AccessKeys;
  /** For `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN`. */
  readonly container: { readonly url: string; readonly token: string };
  /** The number of calls of each operation since the last reset. */
  calls(): Record<string, number>;
  /** Every call since the last reset, oldest first; at most the newest 10,000. */
  log(): readonly LoggedCall[];
  resetCalls(): void;
  /** Every request to the registry since the last reset, oldest first; at most the newest 10,000. */
  registryRequests(): readonly RegistryRequest[];
  resetRegistryRequests(): void;
  /** Orders a fault, which takes precedence over earlier ones. Without an argument, cancels all of them. */
  fault(fault?: Fault, scope?: FaultScope): void;
  /** The lifetime of tokens that are issued from now on. */
  setTokenLifetime(lifetime: Milliseconds): void;
  /** Stops at once, and closes all connections. */
  stop(): Promise<void>;
}
