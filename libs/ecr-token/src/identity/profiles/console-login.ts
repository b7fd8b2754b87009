import { fromLoginCredentials } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Profile } from '../../settings/shared-config.ts';
import { WatchedRequestHandler } from '../../connection/watched-request-handler.ts';
import { withDeadline } from '../../token/deadline.ts';
import { isEcrTokenError } from '../../errors/error.ts';
import type { Service } from '../../errors/service.ts';
import { toEcrTokenError } from '../../errors/to-ecr-token-error.ts';
import { SILENT } from '../../connection/silent-logger.ts';
import { consoleLoginFile, readLogin } from './login-file.ts';
import type { IdentityContext } from '../exchange/context.ts';
import { readBySdk } from './read-by-sdk.ts';

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
  const requestHandler = new WatchedRequestHandler(context.client);
  const given = { clientConfig: { requestHandler }, logger: SILENT };
  const service = signIn(`${whose} has a login that has ended, or cannot be renewed`, remedy);
  try {
    return await readBySdk(profile, context, (found) =>
      withDeadline(context.limit, () => fromLoginCredentials({ ...found, ...given })(), service.party),
    );
  } catch (error) {
    const cause = isEcrTokenError(error) ? error : (requestHandler.failure ?? error);
    throw toEcrTokenError(cause, { service, operation: 'the request for credentials' });
  } finally {
    requestHandler.destroy();
  }
}

/** AWS Sign-In, and how its errors are read. */
function signIn(ended: string, remedy: string): Service {
  return {
    name: 'signin',
    party: 'AWS Sign-In',
    denied: 'credentials-missing',
    refused: 'credentials-missing',
    unknown: 'credentials-missing',
    explanations: { 'credentials-missing': () => ({ message: ended, remedy }) },
  };
}
