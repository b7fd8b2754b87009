import { join } from 'node:path';
import { read } from '../../settings/environment.ts';
import { fromKeysDirectory } from '../material/keys-directory.ts';
import type { IdentitySource } from './source.ts';

const KEYS_DIRECTORY = 'ECR_TOKEN_KEYS_DIR';

/** Keys in files that are named like their environment variables: a Kubernetes Secret that is mounted. */
export interface KeysDirectoryPlan {
  readonly kind: 'keys-directory';
  readonly directory: string;
}

export const keysDirectory: IdentitySource<KeysDirectoryPlan> = {
  kind: 'keys-directory',
  chosenBy: [KEYS_DIRECTORY],
  reads: [KEYS_DIRECTORY],
  files: ({ directory }) => [join(directory, 'AWS_ACCESS_KEY_ID')],
  plan(env) {
    const directory = read(env, KEYS_DIRECTORY);
    return directory === undefined ? {} : { plan: { kind: 'keys-directory', directory } };
  },
  describe: ({ directory }) => `the keys in ${directory}`,
  obtain: async ({ directory }) => ({ credentials: await fromKeysDirectory(directory), roles: [] }),
};
