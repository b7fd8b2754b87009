import { dockerConfig, readDockerConfig } from '@ecr-anywhere/ecr-token';
import type { Consumer } from './consumer.ts';
import { textOf } from './secret.ts';

const TYPE = 'kubernetes.io/dockerconfigjson';
const KEY = '.dockerconfigjson';

/** The pull Secret of kubelet, and of all that read Docker's `config.json`. */
export const dockerConfigJson: Consumer = {
  needs: `"type: ${TYPE}"`,
  takes: ({ type }) => type === TYPE,
  keys: [KEY],
  wants: () => ({ kind: 'every-host' }),
  write: (grants) => ({ [KEY]: Buffer.from(JSON.stringify(dockerConfig(grants))).toString('base64') }),
  read: (secret) => readDockerConfig(textOf(secret, KEY) ?? ''),
};
