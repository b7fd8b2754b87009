import { dockerConfig, readDockerConfig } from '@ecr-anywhere/ecr-token';
import type { Consumer } from './consumer.ts';
import { addOtherAuths, otherAuths, withoutOtherAuths } from './other-auths.ts';
import { textOf, type Secret } from './secret.ts';

const TYPE = 'kubernetes.io/dockerconfigjson';
const KEY = '.dockerconfigjson';

/** The pull Secret of kubelet, and of all that read Docker's `config.json`. */
export const dockerConfigJson: Consumer = {
  needs: `"type: ${TYPE}"`,
  takes: ({ type }) => type === TYPE,
  keys: [KEY],
  wants: () => ({ kind: 'every-host' }),
  write(grants, { rest } = {}) {
    const { auths } = dockerConfig(grants);
    const config = { auths: rest === undefined ? auths : addOtherAuths({ ...auths }, rest) };
    return { [KEY]: Buffer.from(JSON.stringify(config)).toString('base64') };
  },
  rest: (secret) => otherAuths(secret, configOf(secret)),
  read(secret) {
    const config = configOf(secret);
    const hasOthers = otherAuths(secret, config)?.kind === 'kept';
    return readDockerConfig((hasOthers ? withoutOtherAuths(config) : config) ?? '');
  },
};

function configOf(secret: Secret): string {
  return textOf(secret, KEY) ?? '';
}
