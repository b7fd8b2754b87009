import { fromLoginCredentials } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Profile } from '../../settings/shared-config.ts';
import type { IdentityContext } from '../exchange/context.ts';
import { consoleLoginFile, readLogin } from './login-file.ts';
import { credentialsBySdk, loginService } from './credentials-by-sdk.ts';

/**
 * Gets credentials from a login that `aws login` has made.
 *
 * @throws `EcrTokenError`
 */
export async function loginCredentials(
  session: string,
  profile: Profile,
  context: IdentityContext,
): Promise<AwsCredentialIdentity> {
  const whose = `The profile ${profile.name}`;
  const remedy = `run "aws login" with the profile ${profile.name}; for a server, use credentials that renew themselves`;
  await readLogin(consoleLoginFile(context.env, session), whose, remedy);
  const expired = { message: `${whose} has a login that has expired, or cannot be renewed`, remedy };
  const service = loginService('signin', 'AWS Sign-In', () => expired);
  return credentialsBySdk(profile, context, service, fromLoginCredentials);
}
