import { read, type Environment } from '../../settings/environment.ts';
import { byWebIdentity } from '../exchange/by-web-identity.ts';
import { ENV } from '../exchange/role-settings.ts';
import { readTokenFile } from '../material/token-file.ts';
import { absent, type ChainLink } from './link.ts';

/** The variable that names the file of a web identity token. */
export const TOKEN_FILE = 'AWS_WEB_IDENTITY_TOKEN_FILE';

/**
 * A role and a token for it in variables, where the AWS SDK looks for them. Only `ECR_TOKEN_ASSUME_ROLE=sdk-default`
 * leaves them to this link; otherwise the source of the same name comes before the whole chain.
 */
export const webIdentity: ChainLink = {
  reads: [ENV.roleArn, TOKEN_FILE],
  async obtain({ env, sts, sessionName }) {
    const roleArn = read(env, ENV.roleArn);
    const tokenFile = read(env, TOKEN_FILE);
    if (roleArn === undefined || tokenFile === undefined) return absent();
    const readToken = () => readTokenFile(tokenFile, TOKEN_FILE);
    const obtained = await byWebIdentity(readToken, { roleArn, sessionName }, sts);
    return { ...obtained, source: `the web identity token in ${TOKEN_FILE}` };
  },
};

/** Whether the AWS SDK by itself would assume the role: only beside a token file, and only if there are no keys. */
export function sdkAssumesRole(env: Environment): boolean {
  const isSet = (name: string) => read(env, name) !== undefined;
  const hasKeys = isSet('AWS_ACCESS_KEY_ID') && isSet('AWS_SECRET_ACCESS_KEY');
  return isSet(ENV.roleArn) && isSet(TOKEN_FILE) && !hasKeys;
}
