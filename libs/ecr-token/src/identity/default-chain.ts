import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { RequestHandler } from '../aws/request-handler.ts';
import type { AwsClientOptions, Milliseconds } from '../aws/client-options.ts';
import { toEcrTokenError } from '../aws/classify-error.ts';
import { withDeadline } from '../deadline.ts';
import { DEFAULT_SESSION_NAME } from './role-settings.ts';
import type { Sts } from './sts.ts';

/** What looking for credentials takes. */
export interface DefaultChainOptions {
  readonly client: AwsClientOptions;
  /** Assumes the roles that profiles name. */
  readonly service: Sts;
  readonly sessionName?: string | undefined;
}

/** For a credential_process or a metadata service that never answers; the SDK itself would wait for ever. */
const LIMIT: Milliseconds = 10_000;

/**
 * What the SDK's default chain finds, looked for anew each time: its own chain keeps static keys for ever, also those of
 * a file that has changed.
 *
 * @throws `EcrTokenError`
 */
export async function fromDefaultChain(options: DefaultChainOptions): Promise<AwsCredentialIdentity> {
  const requestHandler = new RequestHandler(options.client);
  const reasons: string[] = [];
  const { region } = options.client;
  const chain = fromNodeProviderChain({
    ignoreCache: true,
    logger: { ...SILENT, debug: (reason: unknown) => reasons.push(String(reason)) },
    // No region: SSO would look for its portal there, not in the region of the profile.
    clientConfig: { requestHandler },
    parentClientConfig: { ...(region !== undefined && { region }) },
    ...roleAssumers(options),
  });
  try {
    return await withDeadline(LIMIT, () => chain(), 'The source of AWS credentials');
  } catch (error) {
    const context = { service: 'credentials', operation: 'the request for credentials', region } as const;
    throw toEcrTokenError(withReasons(error, reasons), context);
  } finally {
    requestHandler.destroy();
  }
}

/** The SDK would write to the console. */
const SILENT = { info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  return undefined;
}

/** So that a role of a profile is assumed with our deadlines, reported, and named where it is denied. */
function roleAssumers({ service, sessionName = DEFAULT_SESSION_NAME }: DefaultChainOptions) {
  const step = (params: ProfileRole) => ({
    roleArn: params.RoleArn ?? '',
    // The SDK has no name of its own to tell from one that the profile gives, but this prefix.
    sessionName:
      params.RoleSessionName?.startsWith('aws-sdk-js-') === false ? params.RoleSessionName : sessionName,
    durationSeconds: params.DurationSeconds,
    externalId: params.ExternalId,
  });
  return {
    roleAssumer: (source: AwsCredentialIdentity, params: ProfileRole) =>
      service.assumeRole(step(params), source),
    roleAssumerWithWebIdentity: (params: ProfileRole & { WebIdentityToken?: string | undefined }) =>
      service.assumeRoleWithWebIdentity(step(params), params.WebIdentityToken?.trim() ?? ''),
  };
}

interface ProfileRole {
  readonly RoleArn?: string | undefined;
  readonly RoleSessionName?: string | undefined;
  readonly DurationSeconds?: number | undefined;
  readonly ExternalId?: string | undefined;
}

/**
 * The chain ends in "could not load credentials from any providers", whatever stood in their way; what did, it tells its
 * logger. Of instance metadata nothing is said: everywhere but on EC2 it cannot be reached.
 */
function withReasons(error: unknown, reasons: readonly string[]): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('Could not load credentials')) return error;
  const message = reasons.filter((reason) => !/instance metadata/i.test(reason)).join('\n');
  return Object.assign(new Error(message), { name: error.name });
}
