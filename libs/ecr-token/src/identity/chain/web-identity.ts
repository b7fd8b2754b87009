import { read } from '../../settings/environment.ts';
import { ENV } from '../exchange/role-settings.ts';
import { readTokenFile } from '../material/token-file.ts';
import { absent, type CredentialSource } from './link.ts';

/**
 * A role and a token for it in variables, as one of the sources of the AWS SDK: only `ECR_TOKEN_ASSUME_ROLE=sdk-default`
 * leaves it to this one, see `planIdentity`.
 */
export const webIdentity: CredentialSource = {
  kind: 'web-identity',
  reads: [ENV.roleArn, ENV.tokenFile],
  async obtain({ env, service, sessionName }) {
    const roleArn = read(env, ENV.roleArn);
    const tokenFile = read(env, ENV.tokenFile);
    if (roleArn === undefined || tokenFile === undefined) return absent();
    const token = await readTokenFile(tokenFile, ENV.tokenFile);
    return {
      credentials: await service.assumeRoleWithWebIdentity({ roleArn, sessionName }, token),
      source: `the web identity token in ${ENV.tokenFile}`,
      roles: [{ roleArn, outcome: 'assumed' }],
    };
  },
};
