import { dockerConfig, readDockerConfig } from '@ecr-anywhere/ecr-token';
import type { Consumer, Logins } from './consumer.ts';
import { loginsIn } from './docker-auths.ts';
import { addOtherAuths, authsOfOurs, otherAuths, textOfAuths } from './other-auths.ts';
import { textOf, type Secret, type SecretData } from './secret.ts';

const TYPE = 'kubernetes.io/dockerconfigjson';
const KEY = '.dockerconfigjson';

/** The pull Secret of kubelet, and of all that read Docker's `config.json`. */
export const dockerConfigJson: Consumer = {
  needs: `"type: ${TYPE}"`,
  takes: ({ type }) => type === TYPE,
  keys: [KEY],
  wants: () => ({ kind: 'every-host' }),
  write(grants, { dockerConfigFields: fields }, rest) {
    const { auths } = dockerConfig(grants, { fields });
    return dataOf({ auths: addOtherAuths({ ...auths }, rest) });
  },
  rest: {
    of: (secret) => otherAuths(secret, configOf),
    replace: (stored, rest) => dataOf({ auths: addOtherAuths(authsOfOurs(configOf(stored)) ?? {}, rest) }),
  },
  read(secret) {
    const config = configOf(secret);
    const isMixed = otherAuths(secret, () => config)?.kind === 'kept';
    const logins = isMixed ? readOurs(config) : readDockerConfig(config);
    return logins ? { logins, isOurForm: true } : { logins: loginsIn(config), isOurForm: false };
  },
};

/** Undefined if an entry that is not of another registry has another form than ours. */
function readOurs(config: string): Logins | undefined {
  const auths = textOfAuths(authsOfOurs(config) ?? {});
  return auths === undefined ? undefined : readDockerConfig(`{"auths":${auths}}`);
}

function dataOf(config: object): SecretData {
  return { [KEY]: Buffer.from(JSON.stringify(config)).toString('base64') };
}

function configOf(secret: Secret): string {
  return textOf(secret, KEY) ?? '';
}
