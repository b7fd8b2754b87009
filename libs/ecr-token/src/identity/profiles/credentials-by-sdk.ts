import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { SILENT } from '../../connection/silent-logger.ts';
import { WatchedRequestHandler } from '../../connection/watched-request-handler.ts';
import { isEcrTokenError } from '../../errors/error.ts';
import { refusal } from '../../errors/refusal.ts';
import type { Explain, Service } from '../../errors/service.ts';
import { toEcrTokenError } from '../../errors/to-ecr-token-error.ts';
import { read, type Environment } from '../../settings/environment.ts';
import type { Profile, Settings } from '../../settings/shared-config.ts';
import { withDeadline } from '../../token/deadline.ts';
import type { IdentityContext } from '../exchange/context.ts';

/** Where a credential provider of the SDK finds a profile. */
interface SdkProfile {
  readonly profile: string;
  readonly filepath: string;
  readonly configFilepath: string;
  readonly ignoreCache: true;
}

/** What every credential provider of the SDK takes. It gets no region: that of SSO is not the registry's. */
interface SdkInit extends SdkProfile {
  readonly clientConfig: { readonly requestHandler: WatchedRequestHandler };
  readonly logger: typeof SILENT;
}

/** A service that gives credentials after a login, and how its errors are read. */
export function loginService(name: string, party: string, explain: Explain): Service {
  const code = 'credentials-missing';
  return { name, party, denied: code, refused: code, unknown: code, explanations: { [code]: explain } };
}

/**
 * Gets the credentials of a profile from a credential provider of the SDK, which calls `service`.
 *
 * @throws `EcrTokenError`
 */
export async function credentialsBySdk(
  profile: Profile,
  context: IdentityContext,
  service: Service,
  makeProvider: (init: SdkInit) => AwsCredentialIdentityProvider,
): Promise<AwsCredentialIdentity> {
  const requestHandler = new WatchedRequestHandler(context.client);
  try {
    return await withProfile(profile, context, (found) => {
      const provider = makeProvider({ ...found, clientConfig: { requestHandler }, logger: SILENT });
      return withDeadline(context.limit, () => provider(), service.party);
    });
  } catch (error) {
    const cause = isEcrTokenError(error) ? error : (requestHandler.failure ?? error);
    throw toEcrTokenError(cause, { service, operation: 'the request for credentials' });
  } finally {
    requestHandler.destroy();
  }
}

/** Names that the SDK finds in `[profile NAME]` and `[sso-session NAME]`. */
const FOUND = /^[\w@+.%:/-]+$/;

/**
 * Says where the SDK finds a profile. It does not find names with a space, such as `[profile "two words"]` and
 * `[sso-session "my sso"]`. For those it gets a copy under other names and without keys, in a folder that is removed
 * afterwards.
 *
 * @throws `EcrTokenError` with `credentials-missing` if the copy cannot be written
 */
async function withProfile<T>(
  profile: Profile,
  { config, env }: Pick<IdentityContext, 'config' | 'env'>,
  provide: (found: SdkProfile) => Promise<T>,
): Promise<T> {
  const { name, settings } = profile;
  const { sso_session: session } = settings;
  const { credentialsFile: filepath, configFile: configFilepath } = config;
  if (FOUND.test(name) && (session === undefined || FOUND.test(session))) {
    return provide({ profile: name, filepath, configFilepath, ignoreCache: true });
  }
  const copy = copyOf(settings, session, config.ssoSessions.get(session ?? ''));
  const folder = await writeCopy(name, copy, env);
  try {
    // The credentials file does not exist, which the SDK accepts.
    const files = { filepath: join(folder, 'credentials'), configFilepath: join(folder, 'config') };
    return await provide({ profile: 'default', ...files, ignoreCache: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All settings that the providers need; no keys. */
const OF_PROFILE = ['sso_session', 'sso_account_id', 'sso_role_name', 'login_session', 'region'];
const OF_SESSION = ['sso_start_url', 'sso_region'];

function copyOf(settings: Settings, session: string | undefined, shared: Settings = {}): string {
  return [
    '[default]',
    ...lines(settings, OF_PROFILE),
    // The SDK's own form of `[sso-session NAME]`, in which it accepts any name.
    ...(session === undefined ? [] : [`[sso-session.${session}]`, ...lines(shared, OF_SESSION)]),
    '',
  ].join('\n');
}

function lines(settings: Settings, names: readonly string[]): string[] {
  return names.flatMap((name) => (settings[name] === undefined ? [] : [`${name} = ${settings[name]}`]));
}

async function writeCopy(name: string, copy: string, env: Environment): Promise<string> {
  const parent = read(env, 'TMPDIR') ?? tmpdir();
  try {
    const folder = await mkdtemp(join(parent, 'ecr-token-'));
    await writeFile(join(folder, 'config'), copy);
    return folder;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw refusal(
      'credentials-missing',
      `The profile ${name} or its session has a name that the AWS SDK does not find, and no copy of it can be written in ${parent} (${code})`,
      'give both names without spaces, or set TMPDIR to a folder that can be written',
    );
  }
}
