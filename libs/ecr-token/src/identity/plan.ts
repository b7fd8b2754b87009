import { read, type Environment } from '../settings/environment.ts';
import type { RoleStep } from '../services/sts.ts';
import { ENV, roleSettings } from './exchange/role-settings.ts';

/** How an identity would be had: pure data, made by {@link planIdentity} and carried out by `fromPlan`. */
export type IdentityPlan = {
  /** Roles that are assumed, the first one from what `kind` gives. */
  readonly roles: readonly RoleStep[];
  readonly warnings: readonly string[];
  /** For roles that a profile of the shared configuration names without a session name; `ecr-anywhere` by default. */
  readonly sessionName?: string | undefined;
  /** Where STS is asked, if not in the region of the registry. */
  readonly stsRegion?: string | undefined;
} & (
  | {
      /** What the AWS SDK finds: static keys, shared configuration, a process, container or instance metadata. */
      readonly kind: 'default';
      /** Where it will look first, in words for a log. */
      readonly source?: string | undefined;
    }
  | {
      /** A web identity token, given to AssumeRoleWithWebIdentity for the first role. */
      readonly kind: 'web-identity';
      readonly tokenFile: string;
    }
  | {
      /** Keys in files that are named as their environment variables: a Kubernetes Secret that is mounted. */
      readonly kind: 'keys-directory';
      readonly directory: string;
    }
);

/**
 * What would be done to get an identity, and why; nothing is read but `env`.
 *
 * `AWS_ROLE_ARN` always means that this role is assumed: with `AWS_WEB_IDENTITY_TOKEN_FILE` through
 * AssumeRoleWithWebIdentity, otherwise through AssumeRole from whatever credentials there are. The AWS SDKs ignore it
 * beside static keys; `ECR_TOKEN_ASSUME_ROLE=sdk-default` asks for just that.
 *
 * `ECR_TOKEN_KEYS_DIR` names a directory whose files are read each time keys are needed, so that they may change.
 *
 * @throws `EcrTokenError` with `invalid-settings`; its `mistakes` name every variable that is wrong.
 */
export function planIdentity(env: Environment): IdentityPlan {
  const { assumes, roleArn, sessionName, stsRegion, ...settings } = roleSettings(env);
  const tokenFile = read(env, ENV.tokenFile);
  const directory = read(env, ENV.keysDirectory);
  const shared = { sessionName, stsRegion };
  const roles = roleArn === undefined ? [] : [{ roleArn, sessionName, ...settings }];
  if (directory !== undefined) {
    return {
      kind: 'keys-directory',
      directory,
      roles,
      warnings: unusedBesideDirectory(env, assumes),
      ...shared,
    };
  }
  if (roles.length === 0) {
    const ignored = assumes ? unusedTokenFile(tokenFile) : ignoredRole(env);
    const warnings = [...ignored, ...unusedKeys(env)];
    return { kind: 'default', source: sourceOf(env), roles, warnings, ...shared };
  }
  if (tokenFile === undefined) {
    return { kind: 'default', source: sourceOf(env), roles, warnings: unusedKeys(env), ...shared };
  }
  return { kind: 'web-identity', tokenFile, roles, warnings: unusedBesideToken(env), ...shared };
}

/** The plan in one line for a log: which way is taken, never a key. */
export function describeIdentity(plan: IdentityPlan): string {
  const roles = plan.roles.map(({ roleArn }) => `, assuming ${roleArn}`).join('');
  return describeSource(plan) + roles;
}

/** Where the plan begins, in words. */
export function describeSource(plan: IdentityPlan): string {
  switch (plan.kind) {
    case 'web-identity':
      return `the web identity token in ${plan.tokenFile}`;
    case 'keys-directory':
      return `the keys in ${plan.directory}`;
    case 'default':
      return plan.source ?? 'the credentials that the AWS SDK finds';
  }
}

/** The order of the default chain: a profile that is named, keys, profiles, web identity, metadata. */
function sourceOf(env: Environment): string {
  const profile = read(env, 'AWS_PROFILE');
  if (profile !== undefined) return `the profile ${profile}`;
  if (read(env, 'AWS_ACCESS_KEY_ID') !== undefined) return 'the keys in AWS_ACCESS_KEY_ID';
  const usual = read(env, 'AWS_DEFAULT_PROFILE');
  if (usual !== undefined) return `the profile ${usual}`;
  if (sdkUsesToken(env))
    return `the credentials that the AWS SDK finds, with ${ENV.tokenFile} among its sources`;
  const container = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  return container.some((name) => read(env, name) !== undefined)
    ? 'the default profile, or else container metadata'
    : 'the default profile, or else instance metadata';
}

function hasKeys(env: Environment): boolean {
  return ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].every((name) => read(env, name) !== undefined);
}

/** Whether the SDK by itself would come to assume the role; only a token file makes it look at `AWS_ROLE_ARN`. */
function sdkUsesToken(env: Environment): boolean {
  return read(env, ENV.roleArn) !== undefined && read(env, ENV.tokenFile) !== undefined;
}

function ignoredRole(env: Environment): string[] {
  if (read(env, ENV.roleArn) === undefined) return [];
  const hasStaticKeys = hasKeys(env) || read(env, ENV.keysDirectory) !== undefined;
  if (sdkUsesToken(env) && !hasStaticKeys) return [];
  const beside = hasStaticKeys ? 'beside static keys' : `without ${ENV.tokenFile}`;
  return [`${ENV.roleArn} is ignored ${beside}, as ${ENV.assumeRole}=sdk-default asks`];
}

function unusedTokenFile(tokenFile: string | undefined): string[] {
  return tokenFile === undefined ? [] : [`${ENV.tokenFile} is set without ${ENV.roleArn}, so it is not used`];
}

/** The JavaScript SDK prefers the profile that AWS_PROFILE names, the SDK for Go and the AWS CLI the keys. */
function unusedKeys(env: Environment): string[] {
  const named = read(env, 'AWS_PROFILE');
  const usual = read(env, 'AWS_DEFAULT_PROFILE');
  if (named === undefined) {
    return usual !== undefined && hasKeys(env)
      ? ['AWS_DEFAULT_PROFILE is not used for credentials: AWS_ACCESS_KEY_ID comes first']
      : [];
  }
  return [
    ...(hasKeys(env) ? ['AWS_ACCESS_KEY_ID is not used: AWS_PROFILE comes first'] : []),
    ...(usual !== undefined && usual !== named
      ? ['AWS_DEFAULT_PROFILE is not used: AWS_PROFILE comes first, and names another one']
      : []),
  ];
}

function unusedBesideToken(env: Environment): string[] {
  const unused = otherSources(env).map(
    (name) => `${name} is not used: ${ENV.roleArn} and ${ENV.tokenFile} come first`,
  );
  const externalId = read(env, ENV.externalId) === undefined ? [] : [NO_EXTERNAL_ID];
  return [...unused, ...externalId];
}

function unusedBesideDirectory(env: Environment, assumes: boolean): string[] {
  const names = [...otherSources(env), ...(read(env, ENV.tokenFile) === undefined ? [] : [ENV.tokenFile])];
  return [
    ...names.map((name) => `${name} is not used: ${ENV.keysDirectory} comes first`),
    ...(assumes ? [] : ignoredRole(env)),
  ];
}

/** Variables that name credentials, beside those of a web identity. */
function otherSources(env: Environment): string[] {
  return [
    ...(hasKeys(env) ? ['AWS_ACCESS_KEY_ID'] : []),
    ...['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'].filter((name) => read(env, name) !== undefined),
  ];
}

const NO_EXTERNAL_ID = `${ENV.externalId} is not used: AssumeRoleWithWebIdentity takes none`;
