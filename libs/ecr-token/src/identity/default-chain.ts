import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { toEcrTokenError } from '../aws/classify-error.ts';
import type { AwsClientOptions, Milliseconds } from '../aws/client-options.ts';
import { RequestHandler } from '../aws/request-handler.ts';
import { withDeadline } from '../deadline.ts';
import { chainLog, type ChainLog } from './chain-log.ts';
import type { RoleTaken } from './obtained-identity.ts';
import { profileRoles } from './profile-roles.ts';
import type { Sts } from './sts.ts';

/** What looking for credentials takes. */
export interface DefaultChainOptions {
  readonly client: AwsClientOptions;
  /** Assumes the roles that profiles name. */
  readonly service: Sts;
  readonly sessionName?: string | undefined;
  /** How long a caller waits; 10 s by default. */
  readonly limit?: Milliseconds | undefined;
}

/** Credentials, and how they were found. */
export interface Found {
  readonly credentials: AwsCredentialIdentity;
  /** Unknown where the SDK does not tell. */
  readonly source?: string | undefined;
  readonly roles: readonly RoleTaken[];
}

/** For a credential_process or a metadata service that never answers; the SDK itself would wait for ever. */
const LIMIT: Milliseconds = 10_000;

/**
 * What the SDK's default chain finds, looked for anew each time: its own chain keeps static keys for ever, also those of
 * a file that has changed.
 *
 * The SDK gives no way to end a credential_process. So a look-up that took too long goes on, and whoever asks meanwhile
 * joins it: at most one process is under way, and what it prints late is used by the next caller.
 *
 * @throws what it returns throws `EcrTokenError`
 */
export function fromDefaultChain(options: DefaultChainOptions): () => Promise<Found> {
  const { limit = LIMIT } = options;
  let pending: Promise<Found> | undefined;
  return () => {
    const lookUp = (pending ??= find(options).finally(() => {
      pending = undefined;
    }));
    lookUp.catch(() => undefined); // whoever waits hears of it
    return withDeadline(limit, () => lookUp, 'The source of AWS credentials');
  };
}

async function find({ client, service, sessionName }: DefaultChainOptions): Promise<Found> {
  const requestHandler = new RequestHandler(client);
  const log = chainLog(process.env['AWS_PROFILE'] ?? 'default');
  const roles: RoleTaken[] = [];
  const { region } = client;
  const chain = fromNodeProviderChain({
    ignoreCache: true,
    logger: log.logger,
    // No region: SSO would look for its portal there, not in the region of the profile.
    clientConfig: { requestHandler },
    parentClientConfig: { ...(region !== undefined && { region }) },
    ...profileRoles({ service, sessionName, onAssumed: (role) => roles.push(role) }),
  });
  try {
    return { credentials: await chain(), source: log.lastSource(), roles };
  } catch (error) {
    const context = { service: 'credentials', operation: 'the request for credentials', region } as const;
    throw toEcrTokenError(withReasons(error, log), context);
  } finally {
    requestHandler.destroy();
  }
}

/** The chain ends in "could not load credentials from any providers", whatever stood in their way. */
function withReasons(error: unknown, log: ChainLog): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('Could not load credentials')) return error;
  return Object.assign(new Error(log.reasons()), { name: error.name });
}
