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

/** What the AWS variables of an environment say. */
export interface AwsVariables {
  /** The region of the registry; undefined if the environment names none, or if its name is malformed. */
  readonly region: string | undefined;
  /** @throws {@link SettingsError} if there is no {@link region} */
  requiredRegion(this: void): string;
  /** @throws {@link SettingsError} with every mistake among the AWS variables at once. */
  settings(): AwsSettings;
}

/** Reads the AWS variables, once. Mistakes are thrown by `settings()`, so that other settings can be checked before. */
export function readAws(env: Environment): AwsVariables {
  const { AWS_REGION, AWS_DEFAULT_REGION } = env;
  const region = attempt(() => clientOptionsFromEnv({ AWS_REGION, AWS_DEFAULT_REGION }).region);
  const client = attempt(() => clientOptionsFromEnv(env));
  const identity = attempt(() => planIdentity(env));
  return {
    region: region.value,
    requiredRegion() {
      const name = region.get();
      if (name !== undefined) return name;
      throw new SettingsError(['AWS_REGION: expected the region in the names of the images']);
    },
    settings() {
      const [clientOptions, identityPlan] = readAll(client.get, identity.get);
      return { client: clientOptions, identity: identityPlan };
    },
  };
}

/** A value that could be read, or the mistakes that `get` throws. */
interface Attempt<T> {
  readonly value?: T;
  get(this: void): T;
}

function attempt<T>(read: () => T): Attempt<T> {
  try {
    const value = read();
    return { value, get: () => value };
  } catch (error) {
    if (!isEcrTokenError(error)) throw error;
    const mistakes = error.mistakes.map(({ message, remedy }) => `${message}: ${remedy}`);
    return {
      get() {
        throw new SettingsError(mistakes);
      },
    };
  }
}
