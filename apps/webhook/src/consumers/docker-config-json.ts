import { dockerConfig, readDockerConfig } from '@ecr-anywhere/ecr-token';
import type { Consumer } from './consumer.ts';
import { dataOf } from './secret.ts';

const TYPE = 'kubernetes.io/dockerconfigjson';
const KEY = '.dockerconfigjson';

/** The pull Secret of kubelet, and of all that read Docker's `config.json`. */
export const dockerConfigJson: Consumer = {
  needs: `"type: ${TYPE}"`,
  takes: ({ type }) => type === TYPE,
  keys: [KEY],
  write(grants, { dockerConfigFields: fields }) {
    return { [KEY]: Buffer.from(JSON.stringify(dockerConfig(grants, { fields }))).toString('base64') };
  },
  read: (secret) => readDockerConfig(Buffer.from(dataOf(secret, KEY) ?? '', 'base64').toString('utf8')),
};
