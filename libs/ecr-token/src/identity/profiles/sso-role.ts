import { fromSSO } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Profile } from '../../settings/shared-config.ts';
import { WatchedRequestHandler } from '../../connection/watched-request-handler.ts';
import { withDeadline } from '../../token/deadline.ts';
import { isEcrTokenError } from '../../errors/error.ts';
import { refusal } from '../../errors/refusal.ts';
import type { Service } from '../../errors/service.ts';
import { toEcrTokenError } from '../../errors/to-ecr-token-error.ts';
import { SILENT } from '../../connection/silent-logger.ts';
import { readLogin, ssoLoginFile } from './login-file.ts';
import type { SsoRole } from './plan-profile.ts';
import type { IdentityContext } from '../exchange/context.ts';
import { readBySdk } from './read-by-sdk.ts';

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
  const requestHandler = new WatchedRequestHandler(context.client);
  const given = {
    ...(role.session !== undefined && { ssoSession: role.session }),
    ssoStartUrl: role.startUrl,
    ssoRegion: role.region,
    ssoAccountId: role.accountId,
    ssoRoleName: role.roleName,
    // Without a region: the SDK would look for the portal of SSO there.
    clientConfig: { requestHandler },
    logger: SILENT,
  };
  const service = identityCenter(role, `${whose} has a login that has ended, or cannot be renewed`, remedy);
  try {
    return await readBySdk(profile, context, (found) =>
      withDeadline(context.limit, () => fromSSO({ ...found, ...given })(), service.party),
    );
  } catch (error) {
    const cause = isEcrTokenError(error) ? error : (requestHandler.failure ?? error);
    throw toEcrTokenError(cause, { service, operation: 'the request for credentials' });
  } finally {
    requestHandler.destroy();
  }
}

/** IAM Identity Center, and how its errors are read. */
function identityCenter({ region, roleName, accountId }: SsoRole, ended: string, remedy: string): Service {
  const party = `IAM Identity Center in ${region}`;
  return {
    name: 'sso',
    party,
    denied: 'credentials-missing',
    refused: 'credentials-missing',
    unknown: 'credentials-missing',
    explanations: {
      'credentials-missing': ({ status }) =>
        status === 403 || status === 404
          ? {
              message: `${party} does not give the role ${roleName} of ${accountId} to whoever has logged in (HTTP ${status})`,
              remedy: 'have the role assigned, or correct sso_account_id and sso_role_name',
            }
          : { message: ended, remedy },
    },
  };
}
