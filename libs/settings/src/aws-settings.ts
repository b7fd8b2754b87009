import {
  clientOptionsFromEnv,
  isEcrTokenError,
  planIdentity,
  type AwsClientOptions,
  type Environment,
  type IdentityPlan,
} from '@ecr-anywhere/ecr-token';
import { readAll } from './read-all.ts';
import { readRegions } from './regions.ts';
import { SettingsError } from './settings-error.ts';

/** How AWS is reached, and as whom. */
export interface AwsSettings {
  readonly client: AwsClientOptions;
  readonly identity: IdentityPlan;
  /** See {@link readRegions}. */
  readonly regions: readonly string[];
}

/** What the AWS variables of an environment say. */
export interface AwsVariables {
  /** See {@link readRegions}; empty as well if a name is malformed. */
  readonly regions: readonly string[];
  /** @throws {@link SettingsError} if there is no region */
  requireRegion(this: void): void;
  /** @throws {@link SettingsError} with every mistake among the AWS variables at once. */
  settings(): AwsSettings;
}

/** Reads the AWS variables, once. Mistakes are thrown by `settings()`, so that other settings can be checked before. */
export function readAws(env: Environment): AwsVariables {
  const regions = attempt(() => readRegions(env));
  const client = attempt(() => clientOptionsFromEnv(env));
  const identity = attempt(() => planIdentity(env));
  return {
    regions: regions.value ?? [],
    requireRegion() {
      if (regions.get().length === 0)
        throw new SettingsError(['AWS_REGION: expected the region in the names of the images']);
    },
    settings() {
      const [clientOptions, identityPlan, names] = readAll(client.get, identity.get, regions.get);
      return { client: clientOptions, identity: identityPlan, regions: names };
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
    const mistakes = mistakesOf(error);
    return {
      get() {
        throw new SettingsError(mistakes);
      },
    };
  }
}

function mistakesOf(error: unknown): readonly string[] {
  if (error instanceof SettingsError) return error.mistakes;
  if (!isEcrTokenError(error)) throw error;
  return error.mistakes.map(({ message, remedy }) => `${message}: ${remedy}`);
}
