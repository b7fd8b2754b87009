import { refusal } from '../../errors/refusal.ts';
import { read, type Environment } from '../../settings/environment.ts';
import { absent, type Absent, type ChainLink, type Found } from './link.ts';

/** Keys in variables. As for the AWS SDK for JavaScript, a profile that `AWS_PROFILE` names comes before them. */
export const environment: ChainLink = {
  reads: ['AWS_ACCESS_KEY_ID'],
  obtain: async ({ env }) => (read(env, 'AWS_PROFILE') === undefined ? keysInEnvironment(env) : absent()),
};

/**
 * Reads the keys in variables, without a line end that an editor may have left.
 *
 * @throws `EcrTokenError` with `credentials-missing` for a key without its secret
 */
export function keysInEnvironment(env: Environment): Found | Absent {
  const accessKeyId = read(env, 'AWS_ACCESS_KEY_ID');
  const secretAccessKey = read(env, 'AWS_SECRET_ACCESS_KEY');
  if (accessKeyId === undefined) {
    return secretAccessKey === undefined
      ? absent()
      : absent('AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not');
  }
  if (secretAccessKey === undefined) {
    throw refusal(
      'credentials-missing',
      'AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not',
      'set both, or unset both',
    );
  }
  const sessionToken = read(env, 'AWS_SESSION_TOKEN');
  const accountId = read(env, 'AWS_ACCOUNT_ID');
  const credentialScope = read(env, 'AWS_CREDENTIAL_SCOPE');
  const end = Date.parse(read(env, 'AWS_CREDENTIAL_EXPIRATION') ?? '');
  return {
    credentials: {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      accountId,
      credentialScope,
      expiration: Number.isNaN(end) ? undefined : new Date(end),
    },
    source: 'the keys in AWS_ACCESS_KEY_ID',
    roles: [],
  };
}
