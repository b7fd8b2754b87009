import {
  clientOptionsFromEnv,
  isEcrTokenError,
  planIdentity,
  type AwsClientOptions,
  type Environment,
  type IdentityPlan,
} from '@ecr-anywhere/ecr-token';
import { readAll } from './read-all.ts';
import { SettingsError } from './settings-error.ts';

/** How AWS is reached, and as whom. */
export interface AwsSettings {
  readonly client: AwsClientOptions;
  readonly identity: IdentityPlan;
}

/** @throws {@link SettingsError} with every mistake among the AWS variables at once. */
export function awsSettings(env: Environment): AwsSettings {
  const [client, identity] = readAll(
    () => told(() => clientOptionsFromEnv(env)),
    () => told(() => planIdentity(env)),
  );
  return { client, identity };
}

/** The region of the registry. Undefined also where the AWS settings are wrong: {@link awsSettings} tells that. */
export function regionOf(env: Environment): string | undefined {
  try {
    return clientOptionsFromEnv(env).region;
  } catch (error) {
    if (isEcrTokenError(error)) return undefined;
    throw error;
  }
}

function told<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isEcrTokenError(error)) throw error;
    throw new SettingsError(error.mistakes.map(({ message, remedy }) => `${message}: ${remedy}`));
  }
}
