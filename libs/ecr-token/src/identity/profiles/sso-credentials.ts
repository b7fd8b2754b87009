import { fromSSO } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { refusal } from '../../errors/refusal.ts';
import type { Explanation, Service } from '../../errors/service.ts';
import type { Profile } from '../../settings/shared-config.ts';
import type { IdentityContext } from '../exchange/context.ts';
import { readLogin, ssoLoginFile } from './login-file.ts';
import type { SsoRole } from './plan-profile.ts';
import { credentialsBySdk, loginService } from './credentials-by-sdk.ts';

/**
 * Gets the credentials of a role of IAM Identity Center, with the login that `aws sso login` has stored.
 *
 * @throws `EcrTokenError`
 */
export async function ssoCredentials(
  role: SsoRole,
  profile: Profile,
  context: IdentityContext,
): Promise<AwsCredentialIdentity> {
  const whose = `The profile ${profile.name}`;
  const remedy = `run "aws sso login" with the profile ${profile.name}; for a server, use credentials that renew themselves`;
  const login = await readLogin(ssoLoginFile(context.env, role.session ?? role.startUrl), whose, remedy);
  if (login['refreshToken'] === undefined && !(Date.parse(String(login['expiresAt'])) > Date.now())) {
    throw refusal('credentials-missing', `${whose} has a login that has expired`, remedy);
  }
  const expired = { message: `${whose} has a login that has expired, or cannot be renewed`, remedy };
  return credentialsBySdk(profile, context, identityCenter(role, expired), (init) =>
    fromSSO({
      ...init,
      ...(role.session !== undefined && { ssoSession: role.session }),
      ssoStartUrl: role.startUrl,
      ssoRegion: role.region,
      ssoAccountId: role.accountId,
      ssoRoleName: role.roleName,
    }),
  );
}

/** IAM Identity Center, and how its errors are read. */
function identityCenter({ region, roleName, accountId }: SsoRole, expired: Explanation): Service {
  const party = `IAM Identity Center in ${region}`;
  return loginService('sso', party, ({ status }) =>
    status === 403 || status === 404
      ? {
          message: `${party} does not give the role ${roleName} of ${accountId} to whoever has logged in (HTTP ${status})`,
          remedy: 'have the role assigned, or correct sso_account_id and sso_role_name',
        }
      : expired,
  );
}
