import { fromSSO } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { toEcrTokenError } from '../../errors/classify.ts';
import type { Profile } from '../../settings/shared-config.ts';
import { WatchedRequestHandler } from '../../connection/watched-request-handler.ts';
import { withDeadline } from '../../token/deadline.ts';
import { isEcrTokenError, type EcrTokenError } from '../../errors/error.ts';
import { refusal } from '../../errors/refusal.ts';
import { SILENT } from '../../connection/silent-logger.ts';
import { readLogin, ssoLoginFile } from './login-file.ts';
import type { SsoRole } from './plan-profile.ts';
import type { ProfileContext } from './profile-context.ts';
import { readBySdk } from './read-by-sdk.ts';

const OPERATION = 'the request for credentials';
const WAIT = 'try again later';

/**
 * A role of IAM Identity Center, by the login that `aws sso login` has left.
 *
 * @throws `EcrTokenError`
 */
export async function ssoCredentials(
  role: SsoRole,
  profile: Profile,
  context: ProfileContext,
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
    // No region: SSO would look for its portal there.
    clientConfig: { requestHandler },
    logger: SILENT,
  };
  try {
    return await readBySdk(profile, context, (found) =>
      withDeadline(context.limit, () => fromSSO({ ...found, ...given })(), portalOf(role)),
    );
  } catch (error) {
    throw failureOf(error, requestHandler, { role, whose, remedy });
  } finally {
    requestHandler.destroy();
  }
}

function portalOf({ region }: SsoRole): string {
  return `IAM Identity Center in ${region}`;
}

function failureOf(
  error: unknown,
  { failure, status }: WatchedRequestHandler,
  { role, whose, remedy }: { role: SsoRole; whose: string; remedy: string },
): EcrTokenError {
  const party = portalOf(role);
  if (isEcrTokenError(error)) return error;
  if (failure !== undefined)
    return toEcrTokenError(failure, { service: 'credentials', operation: OPERATION, party });
  if (status >= 500) return refusal('service', `${party} failed (HTTP ${status})`, WAIT);
  if (status === 429) return refusal('throttled', `${party} asks to slow down`, WAIT);
  if (status === 403 || status === 404) {
    return refusal(
      'credentials-missing',
      `${party} does not give the role ${role.roleName} of ${role.accountId} to whoever has logged in (HTTP ${status})`,
      'have the role assigned, or correct sso_account_id and sso_role_name',
    );
  }
  return refusal('credentials-missing', `${whose} has a login that has ended, or cannot be renewed`, remedy);
}
