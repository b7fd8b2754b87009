import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { EcrTokenError } from '../../errors/error.ts';
import { refusal } from '../../errors/refusal.ts';
import { jsonObject, textOf } from '../../settings/json-object.ts';
import type { Profile } from '../../settings/shared-config.ts';
import type { IdentityContext } from '../exchange/context.ts';
import { runProgram, type Ending } from './run-program.ts';

const BY_HAND = 'run the command by hand, as the same user and in the same environment';

/**
 * Runs the `credential_process` of a profile. Messages contain neither its command line nor its output.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 * @throws `EcrTokenError`
 */
export async function processCredentials(
  command: string,
  profile: Profile,
  { env, limit }: Pick<IdentityContext, 'env' | 'limit'>,
): Promise<AwsCredentialIdentity> {
  const told = (what: string) =>
    `The credential_process of the profile ${profile.name} in ${profile.files.join(' and ')} ${what}`;
  const ending = await runProgram(command, env, limit);
  if (ending.how !== 'exit' || ending.code !== 0) throw failed(ending, told, limit);
  const fields = jsonObject(ending.output);
  const missing = (what: string) =>
    refusal('credentials-missing', told(what), `${BY_HAND}; it must print JSON with Version 1`);
  if (fields === undefined) throw missing('printed no JSON');
  if (fields['Version'] !== 1) throw missing('printed no Version 1');
  const accessKeyId = textOf(fields['AccessKeyId']);
  const secretAccessKey = textOf(fields['SecretAccessKey']);
  if (accessKeyId === undefined) throw missing('printed no AccessKeyId');
  if (secretAccessKey === undefined) throw missing('printed no SecretAccessKey');
  const sessionToken = textOf(fields['SessionToken']);
  const accountId = textOf(fields['AccountId']) ?? profile.settings['aws_account_id'];
  const credentialScope = textOf(fields['CredentialScope']);
  const expiration = endOf(fields['Expiration'], told);
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    accountId,
    credentialScope,
    expiration,
  };
}

function endOf(value: unknown, told: (what: string) => string): Date | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const end = new Date(text);
  if (Number.isNaN(end.getTime())) {
    throw refusal('credentials-missing', told('printed an Expiration that is not a time'), BY_HAND);
  }
  if (end.getTime() > Date.now()) return end;
  throw refusal(
    'credentials-invalid',
    told(`printed credentials that expired at ${end.toISOString()}, by this machine's clock`),
    `${BY_HAND}, and renew what it takes its credentials from; check the clock`,
  );
}

function failed(ending: Ending, told: (what: string) => string, limit: number): EcrTokenError {
  switch (ending.how) {
    case 'too-slow':
      return refusal(
        'timeout',
        told(`took longer than ${limit / 1000} s, and was killed`),
        `${BY_HAND}: it must not wait for anybody; try again later`,
      );
    case 'too-much-output':
      return refusal(
        'credentials-missing',
        told('printed far more than credentials, and was killed'),
        BY_HAND,
      );
    case 'not-split':
      return refusal(
        'credentials-missing',
        told('cannot be split into words'),
        'close the quotation, and write a backslash twice',
      );
    case 'not-started':
      return refusal(
        'credentials-missing',
        told(`cannot be started (${ending.code})`),
        'name a program that is there, with its folder; it is run without a shell, so that variables, ~ and pipes need sh -c in front, and an image that has it',
      );
    case 'signal':
      return refusal('credentials-missing', told(`was ended by ${ending.signal}`), BY_HAND);
    case 'exit':
      return refusal('credentials-missing', told(`failed (exit code ${ending.code})`), BY_HAND);
  }
}
