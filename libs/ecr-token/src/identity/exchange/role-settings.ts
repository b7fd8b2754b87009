import { EcrTokenError } from '../../errors/error.ts';
import { DEFAULT_SESSION_NAME } from '../../services/sts.ts';
import { read, region, type Environment } from '../../settings/environment.ts';
import { readAll } from '../../settings/read-all.ts';

/** The names of the variables of the role that is assumed. */
export const ENV = {
  roleArn: 'AWS_ROLE_ARN',
  sessionName: 'AWS_ROLE_SESSION_NAME',
  externalId: 'AWS_ROLE_EXTERNAL_ID',
  duration: 'AWS_ROLE_DURATION_SECONDS',
  stsRegion: 'AWS_STS_REGION',
  assumeRole: 'ECR_TOKEN_ASSUME_ROLE',
} as const;

const ROLE_ARN: Form = {
  // A path may contain all printable ASCII characters:
  // https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
  pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/(?:[\x21-\x7e]{1,510}\/)?[\w+=,.@-]{1,64}$/,
  mistake: 'is not the ARN of a role, such as arn:aws:iam::111122223333:role/pull',
};
const SESSION_NAME: Form = {
  pattern: /^[\w+=,.@-]{2,64}$/,
  mistake: 'needs 2 to 64 letters, digits or any of _+=,.@-',
};
const EXTERNAL_ID: Form = {
  pattern: /^[\w+=,.@:/-]{2,1224}$/,
  mistake: 'needs 2 to 1224 letters, digits or any of _+=,.@:/-',
};

/**
 * Reads which role is to be assumed, and how. `roleArn` is undefined if no role is to be assumed.
 *
 * @throws `EcrTokenError` with `invalid-settings`
 */
export function roleSettings(env: Environment) {
  return readAll({
    sessionName: () => matching(env, ENV.sessionName, SESSION_NAME) ?? DEFAULT_SESSION_NAME,
    externalId: () => matching(env, ENV.externalId, EXTERNAL_ID),
    durationSeconds: () => duration(env),
    stsRegion: () => region(env, ENV.stsRegion),
    assumes: () => assumesAlways(env),
    roleArn: () =>
      read(env, ENV.assumeRole) === 'sdk-default' ? undefined : matching(env, ENV.roleArn, ROLE_ARN),
  });
}

interface Form {
  readonly pattern: RegExp;
  /** The message about a value that does not match, after the name of the variable. */
  readonly mistake: string;
}

function matching(env: Environment, name: string, { pattern, mistake }: Form): string | undefined {
  const value = read(env, name);
  if (value === undefined || pattern.test(value)) return value;
  throw invalid(name, mistake);
}

function duration(env: Environment): number | undefined {
  const text = read(env, ENV.duration);
  if (text === undefined) return undefined;
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 900 && seconds <= 43_200) return seconds;
  throw invalid(ENV.duration, 'is not a whole number from 900 to 43200');
}

function assumesAlways(env: Environment): boolean {
  const value = read(env, ENV.assumeRole) ?? 'always';
  if (value === 'always' || value === 'sdk-default') return value === 'always';
  throw invalid(ENV.assumeRole, 'is neither "always" nor "sdk-default"');
}

function invalid(name: string, why: string): EcrTokenError {
  return new EcrTokenError({
    code: 'invalid-settings',
    message: `${name} ${why}`,
    remedy: `correct or unset ${name}`,
  });
}
