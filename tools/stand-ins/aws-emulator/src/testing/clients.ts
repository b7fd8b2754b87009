import { ECRClient } from '@aws-sdk/client-ecr';
import { STSClient, type Credentials } from '@aws-sdk/client-sts';
import type { AccessKeys } from '../identities/identities.ts';
import type { AwsEmulator, AwsEmulatorOptions } from '../aws-emulator.ts';
import { startAwsEmulator } from '../start-aws-emulator.ts';

/** Differences from the default client, which has the user's keys and does not retry. */
export interface ClientOptions {
  readonly credentials?: AccessKeys;
  readonly region?: string;
  readonly maxAttempts?: number;
  readonly systemClockOffset?: number;
}

/** An emulator, and real clients of the SDK for it. */
export interface Stage {
  readonly emulator: AwsEmulator;
  ecr(options?: ClientOptions): ECRClient;
  sts(options?: ClientOptions): STSClient;
  stop(): Promise<void>;
}

export async function startStage(options: AwsEmulatorOptions = {}): Promise<Stage> {
  const emulator = await startAwsEmulator(options);
  const clients: { destroy(): void }[] = [];
  const keep = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  const defaults = {
    endpoint: emulator.endpoint,
    region: 'us-east-1',
    credentials: emulator.accessKeys,
    maxAttempts: 1,
  };
  return {
    emulator,
    ecr: (overrides) => keep(new ECRClient({ ...defaults, ...overrides })),
    sts: (overrides) => keep(new STSClient({ ...defaults, ...overrides })),
    async stop() {
      for (const client of clients) client.destroy();
      await emulator.stop();
    },
  };
}

/** Converts a session's keys from the SDK's output format to its input format. */
export function keysOf(credentials: Credentials | undefined): AccessKeys {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
