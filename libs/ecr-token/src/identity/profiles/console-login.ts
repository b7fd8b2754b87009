import { fromLoginCredentials } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { toEcrTokenError } from '../../errors/classify.ts';
import type { Profile } from '../../settings/shared-config.ts';
import { WatchedRequestHandler } from '../../connection/watched-request-handler.ts';
import { withDeadline } from '../../token/deadline.ts';
import { isEcrTokenError } from '../../errors/error.ts';
import { refusal } from '../../errors/refusal.ts';
import { SILENT } from '../../connection/silent-logger.ts';
import { consoleLoginFile, readLogin } from './login-file.ts';
import type { ProfileContext } from './profile-context.ts';
import { readBySdk } from './read-by-sdk.ts';

const PARTY = 'AWS Sign-In';

/**
 * Credentials of somebody who has logged in with `aws login`.
 *
 * @throws `EcrTokenError`
 */
export async function loginCredentials(
  session: string,
  profile: Profile,
  context: ProfileContext,
): Promise<AwsCredentialIdentity> {
  const whose = `The profile ${profile.name}`;
  const remedy = `run "aws login" with the profile ${profile.name}; for a server, use credentials that renew themselves`;
  await readLogin(consoleLoginFile(context.env, session), whose, remedy);
  const requestHandler = new WatchedRequestHandler(context.client);
  const given = { clientConfig: { requestHandler }, logger: SILENT };
  try {
    return await readBySdk(profile, context, (found) =>
      withDeadline(context.limit, () => fromLoginCredentials({ ...found, ...given })(), PARTY),
    );
  } catch (error) {
    const { failure } = requestHandler;
    if (isEcrTokenError(error)) throw error;
    if (failure !== undefined) {
      const operation = 'the request for credentials';
      throw toEcrTokenError(failure, { service: 'credentials', operation, party: PARTY });
    }
    throw refusal('credentials-missing', `${whose} has a login that has ended, or cannot be renewed`, remedy);
  } finally {
    requestHandler.destroy();
  }
}
