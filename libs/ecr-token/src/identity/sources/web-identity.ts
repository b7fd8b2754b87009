import { refusal } from '../../errors/refusal.ts';
import { read } from '../../settings/environment.ts';
import { TOKEN_FILE } from '../chain/web-identity.ts';
import { byWebIdentity } from '../exchange/by-web-identity.ts';
import { ENV } from '../exchange/role-settings.ts';
import { readTokenFile } from '../material/token-file.ts';
import type { IdentitySource } from './source.ts';

/** A web identity token in a file. It is exchanged for a session of the first role. */
export interface WebIdentityPlan {
  readonly kind: 'web-identity';
  readonly tokenFile: string;
}

export const webIdentity: IdentitySource<WebIdentityPlan> = {
  kind: 'web-identity',
  chosenBy: [TOKEN_FILE],
  reads: [TOKEN_FILE, ENV.roleArn],
  plan(env, roles) {
    const tokenFile = read(env, TOKEN_FILE);
    if (tokenFile === undefined) return {};
    if (read(env, ENV.roleArn) === undefined)
      return { warnings: [`${TOKEN_FILE} is set without ${ENV.roleArn}, so it is not used`] };
    if (roles.length === 0) return {}; // ECR_TOKEN_ASSUME_ROLE leaves the role to the SDK's chain
    const hasExternalId = read(env, ENV.externalId) !== undefined;
    return {
      plan: { kind: 'web-identity', tokenFile },
      warnings: hasExternalId
        ? [`${ENV.externalId} is not used: AssumeRoleWithWebIdentity takes no external ID`]
        : [],
    };
  },
  describe: ({ tokenFile }) => `the web identity token in ${tokenFile}`,
  async obtain({ tokenFile, roles: [role, ...remaining] }, { sts }) {
    if (role === undefined)
      throw refusal(
        'invalid-settings',
        'A web identity token is planned without a role',
        'make the plan with planIdentity',
      );
    return { ...(await byWebIdentity(() => readTokenFile(tokenFile, TOKEN_FILE), role, sts)), remaining };
  },
};
