import { join } from 'node:path';
import { read } from '../../settings/environment.ts';
import { ENV } from '../exchange/role-settings.ts';
import { fromKeysDirectory } from '../material/keys-directory.ts';
import type { IdentitySource } from './source.ts';

/** Keys in files that are named like their environment variables: a Kubernetes Secret that is mounted. */
export interface KeysDirectoryPlan {
  readonly kind: 'keys-directory';
  readonly directory: string;
}

export const keysDirectory: IdentitySource<KeysDirectoryPlan> = {
  kind: 'keys-directory',
  chosenBy: [ENV.keysDirectory],
  reads: [ENV.keysDirectory],
  files: ({ directory }) => [join(directory, 'AWS_ACCESS_KEY_ID')],
  plan(env) {
    const directory = read(env, ENV.keysDirectory);
    return directory === undefined ? {} : { plan: { kind: 'keys-directory', directory } };
  },
  describe: ({ directory }) => `the keys in ${directory}`,
  obtain: async ({ directory }) => ({ credentials: await fromKeysDirectory(directory), roles: [] }),
};
