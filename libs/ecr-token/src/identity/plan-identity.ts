import { EcrTokenError } from '../errors.ts';
import { read, type Environment } from '../aws/client-options.ts';

/** One role to assume. */
export interface RoleStep {
  readonly roleArn: string;
  readonly externalId?: string | undefined;
  /** Shows up in AWS's logs; `ecr-anywhere` by default. */
  readonly sessionName?: string | undefined;
  /** 900 to 43,200; 3,600 by default, which is also the most for a role that is assumed from another role. */
  readonly durationSeconds?: number | undefined;
}

/** How an identity would be had: pure data, made by {@link planIdentity} and carried out by `fromPlan`. */
export type IdentityPlan = {
  /** Roles that are assumed, the first one from what `kind` gives. */
  readonly roles: readonly RoleStep[];
  readonly warnings: readonly string[];
} & (
  | {
      /** What the AWS SDK finds: static keys, shared configuration, a process, container or instance metadata. */
      readonly kind: 'default';
    }
  | {
      /** A web identity token, given to AssumeRoleWithWebIdentity for the first role. */
      readonly kind: 'web-identity';
      readonly tokenFile: string;
    }
);

/** Names of the environment variables that {@link planIdentity} reads. */
export const ENV = {
  roleArn: 'AWS_ROLE_ARN',
  tokenFile: 'AWS_WEB_IDENTITY_TOKEN_FILE',
  sessionName: 'AWS_ROLE_SESSION_NAME',
  externalId: 'AWS_ROLE_EXTERNAL_ID',
  duration: 'AWS_ROLE_DURATION_SECONDS',
  assumeRole: 'ECR_TOKEN_ASSUME_ROLE',
} as const;

export const DEFAULT_SESSION_NAME = 'ecr-anywhere';

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;

/**
 * What would be done to get an identity, and why; nothing is read but `env`.
 *
 * `AWS_ROLE_ARN` always means that this role is assumed: with `AWS_WEB_IDENTITY_TOKEN_FILE` through
 * AssumeRoleWithWebIdentity, otherwise through AssumeRole from whatever credentials there are. The AWS SDKs ignore it
 * beside static keys; `ECR_TOKEN_ASSUME_ROLE=sdk-default` asks for just that.
 *
 * @throws `EcrTokenError` with `invalid-settings` that names the variable.
 */
export function planIdentity(env: Environment): IdentityPlan {
  const roleArn = read(env, ENV.roleArn);
  const tokenFile = read(env, ENV.tokenFile);
  const assumption = read(env, ENV.assumeRole) ?? 'always';
  if (assumption !== 'always' && assumption !== 'sdk-default') {
    throw invalid(ENV.assumeRole, 'is neither "always" nor "sdk-default"');
  }
  if (assumption === 'sdk-default') return { kind: 'default', roles: [], warnings: ignoredRole(env) };
  if (roleArn === undefined) {
    return {
      kind: 'default',
      roles: [],
      warnings:
        tokenFile === undefined ? [] : [`${ENV.tokenFile} is set without ${ENV.roleArn}, so it is not used`],
    };
  }
  if (!ROLE_ARN.test(roleArn)) {
    throw invalid(ENV.roleArn, 'is not the ARN of a role, such as arn:aws:iam::111122223333:role/pull');
  }
  const roles = [{ roleArn, ...stepSettings(env) }];
  if (tokenFile === undefined) return { kind: 'default', roles, warnings: [] };
  return { kind: 'web-identity', tokenFile, roles, warnings: unusedKeys(env) };
}

/** The plan in one line for a log. */
export function describeIdentity(plan: IdentityPlan): string {
  const source =
    plan.kind === 'web-identity'
      ? `the web identity token in ${plan.tokenFile}`
      : 'the credentials that the AWS SDK finds';
  const roles = plan.roles.map(({ roleArn }) => `, assuming ${roleArn}`).join('');
  return source + roles;
}

function stepSettings(env: Environment): Omit<RoleStep, 'roleArn'> {
  const sessionName = read(env, ENV.sessionName) ?? DEFAULT_SESSION_NAME;
  if (!SESSION_NAME.test(sessionName)) {
    throw invalid(ENV.sessionName, 'needs 2 to 64 letters, digits or any of _+=,.@-');
  }
  const duration = read(env, ENV.duration);
  const durationSeconds = duration === undefined ? undefined : Number(duration);
  if (
    durationSeconds !== undefined &&
    !(Number.isInteger(durationSeconds) && isWithin(durationSeconds, 900, 43_200))
  ) {
    throw invalid(ENV.duration, 'is not a whole number from 900 to 43200');
  }
  return { sessionName, durationSeconds, externalId: read(env, ENV.externalId) };
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function ignoredRole(env: Environment): string[] {
  const hasKeys = read(env, 'AWS_ACCESS_KEY_ID') !== undefined;
  return hasKeys && read(env, ENV.roleArn) !== undefined
    ? [`${ENV.roleArn} is ignored beside static keys, as ${ENV.assumeRole}=sdk-default asks`]
    : [];
}

function unusedKeys(env: Environment): string[] {
  return read(env, 'AWS_ACCESS_KEY_ID') === undefined
    ? []
    : [`AWS_ACCESS_KEY_ID is not used: ${ENV.roleArn} and ${ENV.tokenFile} come first`];
}

function invalid(name: string, why: string): EcrTokenError {
  return new EcrTokenError({
    code: 'invalid-settings',
    message: `${name} ${why}`,
    remedy: `correct or unset ${name}`,
  });
}
