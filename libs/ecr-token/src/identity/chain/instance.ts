import { fromInstanceMetadata } from '@aws-sdk/credential-providers';
import { SILENT } from '../../connection/silent-logger.ts';
import { explainUnreachable } from '../../errors/explain-network.ts';
import type { Service } from '../../errors/service.ts';
import { StatusError } from '../../errors/status-error.ts';
import { toEcrTokenError } from '../../errors/to-ecr-token-error.ts';
import { read } from '../../settings/environment.ts';
import { withDeadline } from '../../token/deadline.ts';
import { absent, type Absent, type ChainLink, type Found, type ChainContext } from './link.ts';

const DISABLED = 'AWS_EC2_METADATA_DISABLED';
const ENDPOINT = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';

/** The role of an EC2 instance. On other machines the metadata cannot be reached, which is not an error. */
export const instance: ChainLink = {
  reads: [ENDPOINT],
  obtain: (context) => instanceRole(context, read(context.env, ENDPOINT) !== undefined),
};

/**
 * Asks the instance metadata service.
 *
 * @param isExpected - whether the settings ask for it; then it is an error if it cannot be reached
 * @throws `EcrTokenError`
 */
export async function instanceRole(
  { env, limit }: ChainContext,
  isExpected: boolean,
): Promise<Found | Absent> {
  const disabled = read(env, DISABLED);
  if (disabled !== undefined && disabled !== 'false') {
    return isExpected ? absent(`${DISABLED} is ${disabled}`) : absent();
  }
  try {
    const provider = fromInstanceMetadata({ logger: SILENT });
    const credentials = await withDeadline(limit, () => provider(), 'The instance metadata service');
    return { credentials, source: 'instance metadata', roles: [] };
  } catch (error) {
    // The SDK's provider has its own form of an HTTP status.
    const { statusCode = 0 } = error as { readonly statusCode?: number };
    if (statusCode >= 400 && statusCode < 500 && statusCode !== 429) {
      return absent(`the instance metadata service has no role for this machine (HTTP ${statusCode})`);
    }
    const failure = toEcrTokenError(statusCode === 0 ? error : new StatusError(statusCode), {
      service: IMDS,
      operation: 'the request for credentials',
    });
    // A machine outside of EC2 looks like an instance whose metadata cannot be reached.
    if (failure.code === 'network' && !isExpected) return absent();
    throw failure;
  }
}

/** The instance metadata service, and how its errors are read. */
const IMDS: Service = {
  name: 'imds',
  party: 'The instance metadata service',
  denied: 'credentials-missing',
  unknown: 'network',
  codeOf({ name, code }) {
    if (name === 'SyntaxError' || name === 'CredentialsProviderError') return 'bad-response';
    return code === 'ERR_INVALID_URL' || name === 'Error' ? 'credentials-missing' : undefined;
  },
  explanations: {
    'credentials-missing': () => ({
      message: 'The instance metadata service has an address that is not a URL',
      remedy: `correct or unset ${ENDPOINT}`,
    }),
    network: ({ code }) => ({
      ...explainUnreachable(code, 'The instance metadata service'),
      remedy: `check ${ENDPOINT}, and the hop limit of the instance's metadata; try again later`,
    }),
  },
};
