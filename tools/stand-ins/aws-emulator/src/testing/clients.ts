import { ECRClient } from '@aws-sdk/client-ecr';
import { STSClient, type Credentials } from '@aws-sdk/client-sts';
import type { AccessKeys } from '../identities.ts';
import type { AwsEmulator, AwsEmulatorOptions } from '../aws-emulator.ts';
import { startAwsEmulator } from '../start-aws-emulator.ts';

/** How a client is to differ from one with the user's keys that asks once. */
export interface ClientOptions {
  readonly credentials?: AccessKeys;
  readonly region?: string;
  readonly maxAttempts?: number;
  readonly systemClockOffset?: number;
}

/** An emulator, and the SDK's real clients of it. */
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

/** The keys of a session, as the SDK hands them out, as it takes them. */
export function keysOf(credentials: Credentials | undefined): AccessKeys {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
