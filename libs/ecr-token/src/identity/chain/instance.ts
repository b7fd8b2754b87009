import { fromInstanceMetadata } from '@aws-sdk/credential-providers';
import { read } from '../../settings/environment.ts';
import { withDeadline } from '../../token/deadline.ts';
import { isEcrTokenError } from '../../errors/error.ts';
import { refusal } from '../../errors/refusal.ts';
import { SILENT } from '../../connection/silent-logger.ts';
import { absent, type Absent, type CredentialSource, type Found, type SourceContext } from './link.ts';

const DISABLED = 'AWS_EC2_METADATA_DISABLED';
const ENDPOINT = 'AWS_EC2_METADATA_SERVICE_ENDPOINT';

/** The role of an EC2 instance. Everywhere else its metadata cannot be reached, which is no trouble. */
export const instance: CredentialSource = {
  kind: 'instance',
  reads: [ENDPOINT],
  obtain: (context) => instanceRole(context, read(context.env, ENDPOINT) !== undefined),
};

/**
 * Asks the instance metadata service.
 *
 * @param isExpected - whether something says that it is there, so that it is a fault if it is not
 * @throws `EcrTokenError`
 */
export async function instanceRole(
  { env, limit }: SourceContext,
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
    if (isEcrTokenError(error)) throw error;
    return outcomeOf(error as ImdsError, isExpected);
  }
}

/** What the SDK's provider throws. */
interface ImdsError extends NodeJS.ErrnoException {
  readonly statusCode?: number;
}

const WAIT = 'try again later';

function outcomeOf({ name, code, statusCode }: ImdsError, isExpected: boolean): Absent {
  const answered = statusCode === undefined ? '' : ` (HTTP ${statusCode})`;
  const told = (what: string) => `The instance metadata service ${what}${answered}`;
  if (statusCode !== undefined) {
    if (statusCode < 500 && statusCode !== 429) {
      return absent(`the instance metadata service has no role for this machine${answered}`);
    }
    throw refusal('service', told('failed'), WAIT);
  }
  if (name === 'SyntaxError' || name === 'CredentialsProviderError') {
    throw refusal('bad-response', told('answered with something that is no credentials'), WAIT);
  }
  if (code === 'ERR_INVALID_URL' || name === 'Error') {
    throw refusal('credentials-missing', told('has an address that is none'), `correct or unset ${ENDPOINT}`);
  }
  // There is no telling a machine that is none of EC2's from one whose metadata is away.
  if (!isExpected) return absent();
  throw refusal(
    'network',
    `${told('could not be reached')}${code === undefined ? '' : ` (${code})`}`,
    `check ${ENDPOINT}, and the hop limit of the instance's metadata; ${WAIT}`,
  );
}
